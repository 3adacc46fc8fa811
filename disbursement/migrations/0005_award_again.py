"""What was revoked may be granted again."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('applications', '0002_walls'),
        ('disbursement', '0004_discard'),
        ('review', '0004_case_not_by_its_chair'),
        ('schools', '0002_walls'),
        ('students', '0003_list_withdrawn'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='award',
            name='award_once',
        ),
        migrations.AddConstraint(
            model_name='award',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'granted')), fields=('school', 'student', 'programme', 'term', 'instalment'), name='award_once'),
        ),
    ]
