"""A refusal is another's word than the registrar's, and what is settled says by whom and when."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('applications', '0013_green_settled_by_two'),
        ('schools', '0002_walls'),
        ('students', '0013_identity_question'),
    ]

    operations = [
        migrations.AddConstraint(
            model_name='greenentry',
            constraint=models.CheckConstraint(condition=models.Q(('refuse_by', None), models.Q(('refuse_by', models.F('registered_by')), _negated=True), _connector='OR'), name='green_refused_by_another'),
        ),
        migrations.AddConstraint(
            model_name='greenentry',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'settled'), _negated=True), models.Q(('settle_at__isnull', False), ('settle_by__isnull', False)), _connector='OR'), name='green_settled_stamped'),
        ),
    ]
