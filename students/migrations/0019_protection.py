"""困中之困: whom people list or take off, and which group alone is enough for the rule."""

import django.db.models.deletion
import schools.tenancy
from django.db import migrations, models

from schools.walls import Wall


class Migration(migrations.Migration):

    dependencies = [
        ('schools', '0002_walls'),
        ('students', '0018_campus_index'),
    ]

    operations = [
        migrations.AddField(
            model_name='specialgroup',
            name='key_alone',
            field=models.BooleanField(default=False, verbose_name='一类即重点保障'),
        ),
        migrations.CreateModel(
            name='ProtectionWord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('listed', models.BooleanField(verbose_name='列为重点保障')),
                ('reason', models.CharField(max_length=120, verbose_name='原因')),
                ('held_for', models.PositiveSmallIntegerField(default=0, verbose_name='当时的困难情形数')),
                ('answer', models.CharField(blank=True, max_length=120, verbose_name='退回原因')),
                ('status', models.CharField(choices=[('proposed', '待审核'), ('force', '生效'), ('refused', '已退回'), ('withdrawn', '已撤回'), ('ended', '已改变')], max_length=12)),
                ('proposed_at', models.DateTimeField()),
                ('sign_at', models.DateTimeField(null=True)),
                ('refuse_at', models.DateTimeField(null=True)),
                ('end_at', models.DateTimeField(null=True)),
                ('end_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='schools.person')),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='schools.person')),
                ('refuse_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='schools.person')),
                ('school', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='schools.school', verbose_name='学校')),
                ('sign_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='schools.person')),
                ('student', schools.tenancy.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='protections', to='students.student')),
            ],
            options={
                'ordering': ['-proposed_at', '-id'],
                'indexes': [models.Index(fields=['school', '-proposed_at'], name='protection_recent')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('status', 'proposed')), fields=('school', 'student'), name='protection_proposed_once'), models.UniqueConstraint(condition=models.Q(('status', 'force')), fields=('school', 'student'), name='protection_in_force_once'), models.CheckConstraint(condition=models.Q(models.Q(('sign_by', None), models.Q(('sign_by', models.F('proposed_by')), _negated=True), _connector='OR'), models.Q(('refuse_by', None), models.Q(('refuse_by', models.F('proposed_by')), _negated=True), _connector='OR')), name='protection_second_person'), models.CheckConstraint(condition=models.Q(models.Q(('listed', True), ('sign_by', None)), models.Q(('listed', False), ('sign_by', None), ('status__in', ('proposed', 'refused', 'withdrawn'))), models.Q(('listed', False), ('sign_at__isnull', False), ('sign_by__isnull', False), ('status__in', ('force', 'ended'))), _connector='OR'), name='protection_lowering_signed'), models.CheckConstraint(condition=models.Q(('listed', False), ('status__in', ('force', 'ended')), _connector='OR'), name='protection_listed_at_once')],
            },
        ),
        Wall("ProtectionWord"),
    ]
