"""A wrong registration is voided: alone while nobody has decided, then by two."""


import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('applications', '0019_visit_heads'),
        ('schools', '0002_walls'),
        ('students', '0012_guardian_identity'),
    ]

    operations = [
        migrations.AddField(
            model_name='greenentry',
            name='ask_void_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='greenentry',
            name='ask_void_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='schools.person'),
        ),
        migrations.AddField(
            model_name='greenentry',
            name='void_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='greenentry',
            name='void_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='schools.person'),
        ),
        migrations.AddField(
            model_name='greenentry',
            name='void_reason',
            field=models.CharField(blank=True, max_length=200, verbose_name='作废原因'),
        ),
        migrations.AlterField(
            model_name='greenentry',
            name='status',
            field=models.CharField(choices=[('waiting', '待审核'), ('active', '已办理'), ('refused', '未同意'), ('settled', '已结清'), ('voided', '已作废')], default='waiting', max_length=8),
        ),
        migrations.AddConstraint(
            model_name='greenentry',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'voided'), ('void_at__isnull', False), ('void_by__isnull', False), models.Q(('void_reason', ''), _negated=True)), models.Q(models.Q(('status', 'voided'), _negated=True), ('void_at', None), ('void_by', None)), _connector='OR'), name='green_voided_stamped'),
        ),
        migrations.AddConstraint(
            model_name='greenentry',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ask_void_at', None), ('ask_void_by', None)), models.Q(('ask_void_at__isnull', False), ('ask_void_by__isnull', False), ('status__in', ('active', 'settled', 'voided')), models.Q(('void_reason', ''), _negated=True)), _connector='OR'), name='green_void_asked_stamped'),
        ),
        migrations.AddConstraint(
            model_name='greenentry',
            constraint=models.CheckConstraint(condition=models.Q(('ask_void_by', None), ('void_by', None), models.Q(('void_by', models.F('ask_void_by')), _negated=True), _connector='OR'), name='green_voided_by_another'),
        ),
        migrations.AddConstraint(
            model_name='greenentry',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'voided'), _negated=True), models.Q(('approve_by', None), ('settle_by', None)), ('ask_void_by__isnull', False), _connector='OR'), name='green_decided_voided_by_two'),
        ),
    ]
