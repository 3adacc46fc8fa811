"""Who came lately is found without looking at everybody: the menu of every page asks."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('schools', '0003_term_entered_late'),
        ('students', '0028_fewer_indexes'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='student',
            index=models.Index(fields=['school', 'entered_on'], name='student_entered'),
        ),
    ]
