"""系统录入 that was noted by mistake is taken back by the officer, and stands as taken back."""

import django.db.models.deletion
from django.db import migrations, models


ENTRY_STANDS = """
CREATE OR REPLACE FUNCTION system_entry_stands() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  answers text[] := '{status,check_by_id,check_at,refuse_by_id,refuse_at,answer{more}}';
BEGIN
  IF TG_OP = 'DELETE' OR OLD.status <> 'entered' OR to_jsonb(NEW) - answers <> to_jsonb(OLD) - answers
  THEN
    RAISE EXCEPTION 'system entry % stands', OLD.id
      USING ERRCODE = 'restrict_violation', CONSTRAINT = 'system_entry_stands';
  END IF;
  RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('applications', '0031_programme_begun_at'),
        ('disbursement', '0014_months_of_absences'),
        ('schools', '0003_term_entered_late'),
    ]

    operations = [
        migrations.RunSQL(
            ENTRY_STANDS.replace("{more}", ",withdraw_by_id,withdraw_at"),
            ENTRY_STANDS.replace("{more}", ""),
        ),
        migrations.RemoveConstraint(
            model_name='systementry',
            name='system_entry_stamps',
        ),
        migrations.AddField(
            model_name='systementry',
            name='withdraw_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='systementry',
            name='withdraw_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='schools.person'),
        ),
        migrations.AlterField(
            model_name='systementry',
            name='status',
            field=models.CharField(choices=[('entered', '待审核'), ('checked', '已审核'), ('refused', '已退回'), ('withdrawn', '已撤回')], default='entered', max_length=12),
        ),
        migrations.AddConstraint(
            model_name='systementry',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(models.Q(('check_by', None), ('refuse_by', None), ('status', 'entered')), models.Q(('answer', ''), ('check_at', None), ('refuse_at', None)), models.Q(('withdraw_at', None), ('withdraw_by', None))), models.Q(models.Q(('check_at__isnull', False), ('check_by__isnull', False), ('status', 'checked')), models.Q(('answer', ''), ('refuse_at', None), ('refuse_by', None)), models.Q(('withdraw_at', None), ('withdraw_by', None))), models.Q(('refuse_at__isnull', False), ('refuse_by__isnull', False), ('status', 'refused'), ('check_at', None), ('check_by', None), ('withdraw_at', None), ('withdraw_by', None), models.Q(('answer', ''), _negated=True)), models.Q(models.Q(('status', 'withdrawn'), ('withdraw_at__isnull', False), ('withdraw_by__isnull', False)), models.Q(('answer', ''), ('check_at', None), ('check_by', None), ('refuse_at', None), ('refuse_by', None))), _connector='OR'), name='system_entry_stamps'),
        ),
    ]
