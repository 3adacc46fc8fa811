"""The bank refuses a whole file: two persons say so, and the batch may be sent again."""

import django.db.models.deletion
import schools.tenancy
from django.db import migrations, models

from schools.walls import Wall

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
      'draft>frozen', 'draft>discarded', 'frozen>draft', 'frozen>approved', 'approved>draft', 'approved>sent',@MOVES@
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
      OR (OLD.status NOT IN ('frozen', 'approved')@SENT@
          AND (NEW.bank_file_id, NEW.profile, NEW.send_by_id, NEW.send_at)
          IS DISTINCT FROM (OLD.bank_file_id, OLD.profile, OLD.send_by_id, OLD.send_at))) THEN
    RAISE EXCEPTION 'payment batch % is frozen', OLD.id USING ERRCODE = 'restrict_violation';
  END IF;
@WITNESS@  RETURN NEW;
END $$;
"""
WITNESS = """
  IF OLD.status = 'sent' AND NEW.status = 'approved' AND NOT EXISTS (
      SELECT FROM disbursement_bankrejection WHERE school_id = OLD.school_id
      AND batch_id = OLD.id AND status = 'confirmed' AND file_id = OLD.bank_file_id) THEN
    RAISE EXCEPTION 'payment batch % was not refused by the bank', OLD.id
      USING ERRCODE = 'restrict_violation';
  END IF;
"""
# A sent batch goes back only with the second person's word about this very sending.
REJECTED = (
    BATCH_FROZEN.replace("@MOVES@", " 'sent>approved',")
    .replace("@SENT@", " AND (OLD.status, NEW.status) <> ('sent', 'approved')")
    .replace("@WITNESS@", WITNESS)
)
FOR_GOOD = BATCH_FROZEN.replace("@MOVES@", "").replace("@SENT@", "").replace("@WITNESS@", "")


class Migration(migrations.Migration):

    dependencies = [
        ('disbursement', '0006_fund_second_person'),
        ('office', '0002_walls'),
        ('schools', '0002_walls'),
    ]

    operations = [
        migrations.AlterField(
            model_name='ledgerentry',
            name='kind',
            field=models.CharField(choices=[('fund', '资金到账'), ('fund_reversed', '冲销到账'), ('award', '确定资助'), ('award_revoked', '取消资助'), ('sent', '送银行'), ('rejected', '银行整批退回'), ('paid', '到账'), ('failed', '退汇')], max_length=16, verbose_name='事由'),
        ),
        migrations.CreateModel(
            name='BankRejection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(max_length=200, verbose_name='银行的原因')),
                ('status', models.CharField(choices=[('reported', '待确认'), ('confirmed', '已确认'), ('dismissed', '不属实')], default='reported', max_length=10)),
                ('profile', models.CharField(max_length=12, verbose_name='银行格式')),
                ('sent_at', models.DateTimeField()),
                ('reported_at', models.DateTimeField()),
                ('confirm_at', models.DateTimeField(null=True)),
                ('dismiss_at', models.DateTimeField(null=True)),
                ('dismiss_reason', models.CharField(blank=True, max_length=200)),
                ('batch', schools.tenancy.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='rejections', to='disbursement.paymentbatch')),
                ('confirm_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='schools.person')),
                ('dismiss_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='schools.person')),
                ('file', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='office.storedfile')),
                ('reported_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='schools.person')),
                ('school', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='schools.school', verbose_name='学校')),
                ('sent_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='schools.person')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('status', 'reported')), fields=('school', 'batch'), name='rejection_one_open'), models.UniqueConstraint(condition=models.Q(('status', 'confirmed')), fields=('school', 'batch', 'file'), name='rejection_once_per_sending'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='rejection_reason'), models.CheckConstraint(condition=models.Q(('confirm_by', None), models.Q(models.Q(('confirm_by', models.F('reported_by')), _negated=True), models.Q(('confirm_by', models.F('sent_by')), _negated=True)), _connector='OR'), name='rejection_second_person'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'confirmed'), _negated=True), models.Q(('confirm_at__isnull', False), ('confirm_by__isnull', False)), _connector='OR'), name='rejection_confirmed_stamp'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'dismissed'), _negated=True), models.Q(('dismiss_at__isnull', False), ('dismiss_by__isnull', False)), _connector='OR'), name='rejection_dismissed_stamp')],
            },
        ),
        Wall("BankRejection"),
        migrations.RunSQL(REJECTED, FOR_GOOD),
    ]
