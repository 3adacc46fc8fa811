"""What was entered into the national system, by two persons; what was said stands."""

import django.db.models.deletion
from django.db import migrations, models

from schools.walls import Wall

# Only its answer is still to come, and that once; nothing is taken away.
ENTRY_STANDS = """
CREATE FUNCTION system_entry_stands() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  answers text[] := '{status,check_by_id,check_at,refuse_by_id,refuse_at,answer}';
BEGIN
  IF TG_OP = 'DELETE' OR OLD.status <> 'entered' OR to_jsonb(NEW) - answers <> to_jsonb(OLD) - answers
  THEN
    RAISE EXCEPTION 'system entry % stands', OLD.id
      USING ERRCODE = 'restrict_violation', CONSTRAINT = 'system_entry_stands';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER system_entry_stands BEFORE UPDATE OR DELETE ON disbursement_systementry
  FOR EACH ROW EXECUTE FUNCTION system_entry_stands();
"""
BACK = """
DROP TRIGGER system_entry_stands ON disbursement_systementry;
DROP FUNCTION system_entry_stands();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('applications', '0031_programme_begun_at'),
        ('disbursement', '0011_exclusive_elsewhere'),
        ('schools', '0003_term_entered_late'),
    ]

    operations = [
        migrations.CreateModel(
            name='SystemEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('month', models.PositiveSmallIntegerField(verbose_name='第几个月')),
                ('number', models.PositiveSmallIntegerField(verbose_name='第几次录入')),
                ('people', models.PositiveIntegerField(verbose_name='人数')),
                ('amount_fen', models.PositiveBigIntegerField(verbose_name='金额（分）')),
                ('held', models.JSONField(verbose_name='名单')),
                ('status', models.CharField(choices=[('entered', '待审核'), ('checked', '已审核'), ('refused', '已退回')], default='entered', max_length=8)),
                ('entered_at', models.DateTimeField()),
                ('check_at', models.DateTimeField(null=True)),
                ('refuse_at', models.DateTimeField(null=True)),
                ('answer', models.CharField(blank=True, max_length=120, verbose_name='退回原因')),
                ('check_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='schools.person')),
                ('entered_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='schools.person')),
                ('programme', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='applications.programme')),
                ('refuse_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='schools.person')),
                ('school', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='schools.school', verbose_name='学校')),
                ('term', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='schools.term')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('school', 'programme', 'term', 'month', 'number'), name='system_entry_number'), models.UniqueConstraint(condition=models.Q(('status', 'entered')), fields=('school', 'programme', 'term', 'month'), name='system_entry_one_waiting'), models.CheckConstraint(condition=models.Q(models.Q(('check_by', None), models.Q(('check_by', models.F('entered_by')), _negated=True), _connector='OR'), models.Q(('refuse_by', None), models.Q(('refuse_by', models.F('entered_by')), _negated=True), _connector='OR')), name='system_entry_second_person'), models.CheckConstraint(condition=models.Q(models.Q(models.Q(('check_by', None), ('refuse_by', None), ('status', 'entered')), models.Q(('answer', ''), ('check_at', None), ('refuse_at', None))), models.Q(models.Q(('check_at__isnull', False), ('check_by__isnull', False), ('status', 'checked')), models.Q(('answer', ''), ('refuse_at', None), ('refuse_by', None))), models.Q(('refuse_at__isnull', False), ('refuse_by__isnull', False), ('status', 'refused'), ('check_at', None), ('check_by', None), models.Q(('answer', ''), _negated=True)), _connector='OR'), name='system_entry_stamps')],
            },
        ),
        Wall("SystemEntry"),
        migrations.RunSQL(ENTRY_STANDS, BACK),
    ]
