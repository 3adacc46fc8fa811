"""Who confirmed, doubted, reversed, settled or closed stays written: stamps come with a step."""

from importlib import import_module

from django.db import migrations

FUND_STAYS = """
CREATE OR REPLACE FUNCTION fund_stays() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  step text := OLD.status || '>' || NEW.status;
  writes text[] := '{}';
BEGIN
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'fund % stays', OLD.id USING ERRCODE = 'restrict_violation';
  END IF;
  IF NEW.status <> OLD.status THEN
    writes := CASE step
      WHEN 'recorded>confirmed' THEN '{status,confirm_at,confirm_by_id}'
      WHEN 'recorded>discarded' THEN '{status,discard_at,discard_by_id,back_reason}'
      WHEN 'confirmed>doubted' THEN '{status,doubt_at,doubt_by_id,back_reason}'
      WHEN 'doubted>confirmed' THEN '{status}'
      WHEN 'doubted>reversed' THEN '{status,reverse_at,reverse_by_id}' END;
    IF writes IS NULL THEN
      RAISE EXCEPTION 'fund % can not go from % to %', OLD.id, OLD.status, NEW.status
        USING ERRCODE = 'restrict_violation';
    END IF;
  END IF;
  IF to_jsonb(NEW) - writes <> to_jsonb(OLD) - writes THEN
    RAISE EXCEPTION 'fund % keeps what it is', OLD.id USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
"""
# In a trigger of its own: what a frozen batch says is asked by another one.
STAMPS_STAY = """
CREATE FUNCTION payment_batch_stamps() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  step text := OLD.status || '>' || NEW.status;
  writes text[] := CASE step
    WHEN 'draft>discarded' THEN '{discard_at,discard_by_id}'
    WHEN 'sent>returned' THEN '{settle_at,settle_by_id}'
    WHEN 'returned>closed' THEN '{close_at,close_by_id}' ELSE '{}' END;
  stamps text[] := '{ordinal,discard_at,discard_by_id,settle_at,settle_by_id,close_at,close_by_id}';
  stamp text;
BEGIN
  FOREACH stamp IN ARRAY stamps LOOP
    IF stamp <> ALL (writes) AND to_jsonb(NEW) -> stamp <> to_jsonb(OLD) -> stamp THEN
      RAISE EXCEPTION 'payment batch % keeps who took its steps', OLD.id
        USING ERRCODE = 'restrict_violation';
    END IF;
  END LOOP;
  RETURN NEW;
END $$;
CREATE TRIGGER payment_batch_stamps BEFORE UPDATE ON disbursement_paymentbatch
  FOR EACH ROW EXECUTE FUNCTION payment_batch_stamps();
"""
STAMPS_FREE = """
DROP TRIGGER payment_batch_stamps ON disbursement_paymentbatch;
DROP FUNCTION payment_batch_stamps();
"""
_BEFORE = import_module("disbursement.migrations.0006_fund_second_person").FUND_STAYS
FUND_BACK = _BEFORE[: _BEFORE.index("CREATE TRIGGER")].replace(
    "CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1
)


class Migration(migrations.Migration):
    dependencies = [("disbursement", "0015_entry_taken_back")]

    operations = [
        migrations.RunSQL(FUND_STAYS, FUND_BACK),
        migrations.RunSQL(STAMPS_STAY, STAMPS_FREE),
    ]
