"""Two students who got each other's numbers are put right by one proposal."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('schools', '0002_walls'),
        ('students', '0019_protection'),
    ]

    operations = [
        migrations.AddField(
            model_name='identitycorrection',
            name='pair',
            field=models.UUIDField(null=True),
        ),
        migrations.AddIndex(
            model_name='identitycorrection',
            index=models.Index(condition=models.Q(('pair__isnull', False)), fields=['school', 'pair'], name='correction_pair'),
        ),
    ]
