"""A word of protection is refused with an answer, and ended or signed with who and when."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('schools', '0002_walls'),
        ('students', '0021_age_limit'),
    ]

    operations = [
        migrations.AddConstraint(
            model_name='protectionword',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(models.Q(('sign_at', None), ('sign_by', None)), models.Q(('sign_at__isnull', False), ('sign_by__isnull', False)), _connector='OR'), models.Q(models.Q(('refuse_at__isnull', False), ('refuse_by__isnull', False), ('status', 'refused'), models.Q(('answer', ''), _negated=True)), models.Q(models.Q(('status', 'refused'), _negated=True), ('answer', ''), ('refuse_at', None), ('refuse_by', None)), _connector='OR'), models.Q(models.Q(('end_at__isnull', False), ('end_by__isnull', False), ('status', 'ended')), models.Q(models.Q(('status', 'ended'), _negated=True), ('end_at', None), ('end_by', None)), _connector='OR')), name='protection_stamps'),
        ),
    ]
