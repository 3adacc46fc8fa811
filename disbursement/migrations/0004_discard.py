"""A draft that nobody needs may be discarded."""

import django.db.models.deletion
from django.db import migrations, models

BATCH_FROZEN = """
CREATE OR REPLACE FUNCTION payment_batch_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'payment batch % stays', OLD.id USING ERRCODE = 'restrict_violation';
  END IF;
  IF (NEW.school_id, NEW.number, NEW.programme_id, NEW.term_id, NEW.follows_id, NEW.drafted_by_id,
      NEW.drafted_at) IS DISTINCT FROM (OLD.school_id, OLD.number, OLD.programme_id, OLD.term_id,
      OLD.follows_id, OLD.drafted_by_id, OLD.drafted_at) THEN
    RAISE EXCEPTION 'payment batch % keeps what it is', OLD.id USING ERRCODE = 'restrict_violation';
  END IF;
  IF NEW.status <> OLD.status AND (OLD.status || '>' || NEW.status) NOT IN (
      FROM_DRAFT, 'frozen>draft', 'frozen>approved', 'approved>draft', 'approved>sent',
      'sent>returned', 'returned>closed') THEN
    RAISE EXCEPTION 'payment batch % can not go from % to %', OLD.id, OLD.status, NEW.status
      USING ERRCODE = 'restrict_violation';
  END IF;
  IF OLD.status <> 'draft' AND NEW.status <> 'draft' AND (
      (NEW.line_count, NEW.total_fen, NEW.content_hash, NEW.held, NEW.freeze_by_id, NEW.freeze_at,
       NEW.instalment, NEW.late_document, NEW.award_mark)
      IS DISTINCT FROM
      (OLD.line_count, OLD.total_fen, OLD.content_hash, OLD.held, OLD.freeze_by_id, OLD.freeze_at,
       OLD.instalment, OLD.late_document, OLD.award_mark)
      OR (OLD.status <> 'frozen' AND (NEW.approved_hash, NEW.approve_by_id, NEW.approve_at)
          IS DISTINCT FROM (OLD.approved_hash, OLD.approve_by_id, OLD.approve_at))
      OR (OLD.status NOT IN ('frozen', 'approved')
          AND (NEW.bank_file_id, NEW.profile, NEW.send_by_id, NEW.send_at)
          IS DISTINCT FROM (OLD.bank_file_id, OLD.profile, OLD.send_by_id, OLD.send_at))) THEN
    RAISE EXCEPTION 'payment batch % is frozen', OLD.id USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
"""
ONLY_FROZEN = BATCH_FROZEN.replace("FROM_DRAFT", "'draft>frozen'")
OR_DISCARDED = BATCH_FROZEN.replace("FROM_DRAFT", "'draft>frozen', 'draft>discarded'")


class Migration(migrations.Migration):

    dependencies = [
        ('applications', '0002_walls'),
        ('disbursement', '0003_duplicate_aid'),
        ('office', '0002_walls'),
        ('schools', '0002_walls'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='paymentbatch',
            name='batch_frozen_stamp',
        ),
        migrations.RemoveConstraint(
            model_name='paymentbatch',
            name='batch_approves_what_was_frozen',
        ),
        migrations.RemoveConstraint(
            model_name='paymentbatch',
            name='batch_sent_stamp',
        ),
        migrations.AddField(
            model_name='paymentbatch',
            name='discard_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='paymentbatch',
            name='discard_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='schools.person'),
        ),
        migrations.AlterField(
            model_name='paymentbatch',
            name='status',
            field=models.CharField(choices=[('draft', '编制'), ('frozen', '已冻结，待审批'), ('approved', '已审批'), ('sent', '已送银行'), ('returned', '已回盘'), ('closed', '已结清'), ('discarded', '已作废')], default='draft', max_length=12),
        ),
        migrations.AddConstraint(
            model_name='paymentbatch',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ('draft', 'discarded')), models.Q(models.Q(('content_hash', ''), _negated=True), ('freeze_at__isnull', False), ('freeze_by__isnull', False), ('line_count__gt', 0), ('total_fen__gt', 0)), _connector='OR'), name='batch_frozen_stamp'),
        ),
        migrations.AddConstraint(
            model_name='paymentbatch',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ('draft', 'discarded', 'frozen')), models.Q(('approve_at__isnull', False), ('approve_by__isnull', False), ('approved_hash', models.F('content_hash'))), _connector='OR'), name='batch_approves_what_was_frozen'),
        ),
        migrations.AddConstraint(
            model_name='paymentbatch',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ('draft', 'discarded', 'frozen', 'approved')), models.Q(('bank_file__isnull', False), ('send_at__isnull', False), ('send_by__isnull', False)), _connector='OR'), name='batch_sent_stamp'),
        ),
        migrations.AddConstraint(
            model_name='paymentbatch',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'discarded'), _negated=True), models.Q(('discard_at__isnull', False), ('discard_by__isnull', False), ('line_count', 0)), _connector='OR'), name='batch_discarded_stamp'),
        ),
        migrations.RunSQL(OR_DISCARDED, ONLY_FROZEN),
    ]
