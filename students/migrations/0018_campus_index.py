"""The list of one campus or teaching point is found without walking the roster."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('schools', '0002_walls'),
        ('students', '0017_facts_of_forms'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='student',
            index=models.Index(condition=models.Q(models.Q(('status', 'left'), _negated=True), models.Q(('campus', ''), _negated=True)), fields=['school', 'campus'], name='student_campus'),
        ),
    ]
