"""Money counts once a second person confirmed it, and goes back by two persons."""

import django.db.models.deletion
from django.db import migrations, models

CONFIRMED_FROM_NOW_ON = """
ALTER TABLE disbursement_fund ADD CONSTRAINT fund_confirmed_stamp CHECK (
  status IN ('recorded', 'discarded') OR (confirm_by_id IS NOT NULL AND confirm_at IS NOT NULL)
) NOT VALID;
"""
CONFIRMED_NO_MORE = "ALTER TABLE disbursement_fund DROP CONSTRAINT fund_confirmed_stamp;"

# A fund is what it was recorded as; what is wrong is discarded or reversed, never corrected.
FUND_STAYS = """
CREATE FUNCTION fund_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'fund % stays', OLD.id USING ERRCODE = 'restrict_violation';
  END IF;
  IF (NEW.school_id, NEW.programme_id, NEW.term_id, NEW.document_no, NEW.amount_fen,
      NEW.received_on, NEW.recorded_by_id, NEW.recorded_at)
     IS DISTINCT FROM (OLD.school_id, OLD.programme_id, OLD.term_id, OLD.document_no,
      OLD.amount_fen, OLD.received_on, OLD.recorded_by_id, OLD.recorded_at) THEN
    RAISE EXCEPTION 'fund % keeps what it is', OLD.id USING ERRCODE = 'restrict_violation';
  END IF;
  IF NEW.status <> OLD.status AND (OLD.status || '>' || NEW.status) NOT IN (
      'recorded>confirmed', 'recorded>discarded', 'confirmed>doubted', 'doubted>confirmed',
      'doubted>reversed') THEN
    RAISE EXCEPTION 'fund % can not go from % to %', OLD.id, OLD.status, NEW.status
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER fund_stays BEFORE UPDATE OR DELETE ON disbursement_fund
  FOR EACH ROW EXECUTE FUNCTION fund_stays();
"""
FUND_FREE = "DROP TRIGGER fund_stays ON disbursement_fund; DROP FUNCTION fund_stays();"


class Migration(migrations.Migration):

    dependencies = [
        ('applications', '0002_walls'),
        ('disbursement', '0005_award_again'),
        ('schools', '0002_walls'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='fund',
            name='fund_once',
        ),
        migrations.AddField(
            model_name='fund',
            name='confirm_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='fund',
            name='confirm_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='schools.person'),
        ),
        migrations.AddField(
            model_name='fund',
            name='discard_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='fund',
            name='discard_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='schools.person'),
        ),
        migrations.AddField(
            model_name='fund',
            name='doubt_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='fund',
            name='doubt_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='schools.person'),
        ),
        migrations.AddField(
            model_name='fund',
            name='back_reason',
            field=models.CharField(blank=True, max_length=200, verbose_name='原因'),
        ),
        migrations.AddField(
            model_name='fund',
            name='reverse_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='fund',
            name='reverse_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='schools.person'),
        ),
        migrations.AddField(
            model_name='fund',
            name='status',
            field=models.CharField(choices=[('recorded', '待确认'), ('confirmed', '已确认'), ('doubted', '待冲销'), ('reversed', '已冲销'), ('discarded', '已作废')], default='confirmed', max_length=10),
        ),
        migrations.AlterField(
            model_name='fund',
            name='status',
            field=models.CharField(choices=[('recorded', '待确认'), ('confirmed', '已确认'), ('doubted', '待冲销'), ('reversed', '已冲销'), ('discarded', '已作废')], default='recorded', max_length=10),
        ),
        migrations.AlterField(
            model_name='ledgerentry',
            name='kind',
            field=models.CharField(choices=[('fund', '资金到账'), ('fund_reversed', '冲销到账'), ('award', '确定资助'), ('award_revoked', '取消资助'), ('sent', '送银行'), ('paid', '到账'), ('failed', '退汇')], max_length=16, verbose_name='事由'),
        ),
        migrations.AddConstraint(
            model_name='fund',
            constraint=models.UniqueConstraint(condition=models.Q(('status__in', ('discarded', 'reversed')), _negated=True), fields=('school', 'programme', 'term', 'document_no'), name='fund_once'),
        ),
        migrations.AddConstraint(
            model_name='fund',
            constraint=models.CheckConstraint(condition=models.Q(('confirm_by', None), models.Q(('confirm_by', models.F('recorded_by')), _negated=True), _connector='OR'), name='fund_second_person'),
        ),
        # Money booked before a second person was asked stays as it was; all that follows is checked.
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL(CONFIRMED_FROM_NOW_ON, CONFIRMED_NO_MORE)],
            [
                migrations.AddConstraint(
                    model_name='fund',
                    constraint=models.CheckConstraint(condition=models.Q(('status__in', ('recorded', 'discarded')), models.Q(('confirm_at__isnull', False), ('confirm_by__isnull', False)), _connector='OR'), name='fund_confirmed_stamp'),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name='fund',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'discarded'), _negated=True), models.Q(('discard_at__isnull', False), ('discard_by__isnull', False), models.Q(('back_reason', ''), _negated=True)), _connector='OR'), name='fund_discarded_stamp'),
        ),
        migrations.AddConstraint(
            model_name='fund',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status__in', ('doubted', 'reversed')), _negated=True), models.Q(('doubt_at__isnull', False), ('doubt_by__isnull', False), models.Q(('back_reason', ''), _negated=True)), _connector='OR'), name='fund_doubted_stamp'),
        ),
        migrations.AddConstraint(
            model_name='fund',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'reversed'), _negated=True), models.Q(('reverse_at__isnull', False), ('reverse_by__isnull', False), models.Q(('reverse_by', models.F('doubt_by')), _negated=True), models.Q(('reverse_by', models.F('recorded_by')), _negated=True)), _connector='OR'), name='fund_reversed_stamp'),
        ),
        migrations.RunSQL(FUND_STAYS, FUND_FREE),
    ]
