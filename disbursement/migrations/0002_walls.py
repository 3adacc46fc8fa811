"""Row-level security and composite keys of every tenant table, and what guards the money in them."""

from django.db import migrations

from schools.walls import Wall, append_only

# A check at the end of a transaction may run when nobody acts any more, so it acts for the row's
# own school and then for whoever it was before.
LEDGER_BALANCES = """
CREATE FUNCTION ledger_check(of_school bigint, of_entry bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  before text := coalesce(current_setting('aid.scope', true), '');
  sides integer;
  total numeric;
  fund numeric;
BEGIN
  PERFORM set_config('aid.scope', of_school::text, true);
  SELECT count(*), coalesce(sum(amount_fen), 0) INTO sides, total
    FROM disbursement_ledgerposting WHERE school_id = of_school AND entry_id = of_entry;
  SELECT sum(p.amount_fen) INTO fund
    FROM disbursement_ledgerentry mine
    JOIN disbursement_ledgerentry e
      ON e.school_id = mine.school_id AND e.programme_id = mine.programme_id
      AND e.term_id = mine.term_id
    JOIN disbursement_ledgerposting p ON p.school_id = e.school_id AND p.entry_id = e.id
    WHERE mine.school_id = of_school AND mine.id = of_entry AND p.account = 'fund';
  PERFORM set_config('aid.scope', before, true);
  IF sides < 2 OR total <> 0 THEN
    RAISE EXCEPTION 'ledger entry % does not balance', of_entry USING ERRCODE = 'check_violation';
  END IF;
  IF fund < 0 THEN
    RAISE EXCEPTION 'ledger entry % spends more than the fund holds', of_entry
      USING ERRCODE = 'check_violation';
  END IF;
END $$;
CREATE FUNCTION ledger_entry_balances() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_TABLE_NAME = 'disbursement_ledgerentry' THEN
    PERFORM ledger_check(NEW.school_id, NEW.id);
  ELSE
    PERFORM ledger_check(NEW.school_id, NEW.entry_id);
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER ledger_entry_balances AFTER INSERT ON disbursement_ledgerentry
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_entry_balances();
CREATE CONSTRAINT TRIGGER ledger_entry_balances AFTER INSERT ON disbursement_ledgerposting
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_entry_balances();
"""

# Lines come and go only while their batch is a draft; the bank's answer alone may change them.
LINES_FROZEN = """
CREATE FUNCTION payment_line_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  line disbursement_paymentline := CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
  batch_status text;
BEGIN
  SELECT status INTO batch_status FROM disbursement_paymentbatch
    WHERE school_id = line.school_id AND id = line.batch_id;
  IF TG_OP = 'UPDATE' THEN
    IF to_jsonb(NEW) - '{status,bank_note,settled_on}'::text[]
       <> to_jsonb(OLD) - '{status,bank_note,settled_on}'::text[]
       OR batch_status IS DISTINCT FROM 'sent' OR OLD.status <> 'pending' THEN
      RAISE EXCEPTION 'payment line % is frozen', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
  END IF;
  IF batch_status IS DISTINCT FROM 'draft' THEN
    RAISE EXCEPTION 'lines of batch % are frozen', line.batch_id
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN line;
END $$;
CREATE TRIGGER payment_line_frozen BEFORE INSERT OR UPDATE OR DELETE ON disbursement_paymentline
  FOR EACH ROW EXECUTE FUNCTION payment_line_frozen();
"""

BATCH_FROZEN = """
CREATE FUNCTION payment_batch_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
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
      'draft>frozen', 'frozen>draft', 'frozen>approved', 'approved>draft', 'approved>sent',
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
CREATE TRIGGER payment_batch_frozen BEFORE UPDATE OR DELETE ON disbursement_paymentbatch
  FOR EACH ROW EXECUTE FUNCTION payment_batch_frozen();
"""

# Looked at when the transaction ends: the lines are copied before the batch says it is frozen.
BATCH_ADDS_UP = """
CREATE FUNCTION payment_batch_adds_up() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  before text := coalesce(current_setting('aid.scope', true), '');
  batch disbursement_paymentbatch;
  lines integer;
  total numeric;
  pending integer;
BEGIN
  PERFORM set_config('aid.scope', NEW.school_id::text, true);
  SELECT * INTO batch FROM disbursement_paymentbatch
    WHERE school_id = NEW.school_id AND id = NEW.id;
  SELECT count(*), coalesce(sum(amount_fen), 0), count(*) FILTER (WHERE status = 'pending')
    INTO lines, total, pending FROM disbursement_paymentline
    WHERE school_id = NEW.school_id AND batch_id = NEW.id;
  PERFORM set_config('aid.scope', before, true);
  IF (batch.line_count, batch.total_fen::numeric) IS DISTINCT FROM (lines, total) THEN
    RAISE EXCEPTION 'payment batch % does not add up to its lines', NEW.id
      USING ERRCODE = 'check_violation';
  END IF;
  IF (batch.status IN ('returned', 'closed') AND pending > 0)
     OR (batch.status IN ('frozen', 'approved') AND pending <> lines) THEN
    RAISE EXCEPTION 'lines of payment batch % do not fit its status', NEW.id
      USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER payment_batch_adds_up AFTER INSERT OR UPDATE ON disbursement_paymentbatch
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payment_batch_adds_up();
"""


class Migration(migrations.Migration):
    dependencies = [("disbursement", "0001_initial"), ("review", "0002_walls")]

    operations = [
        Wall("AidCard"),
        Wall("Fund"),
        Wall("Award"),
        Wall("PaymentBatch"),
        Wall("PaymentLine"),
        Wall("BankReturn"),
        Wall("LedgerEntry"),
        Wall("LedgerPosting"),
        migrations.RunSQL(
            append_only("disbursement_ledgerentry") + append_only("disbursement_ledgerposting")
        ),
        migrations.RunSQL(LEDGER_BALANCES),
        migrations.RunSQL(LINES_FROZEN),
        migrations.RunSQL(BATCH_FROZEN),
        migrations.RunSQL(BATCH_ADDS_UP),
    ]
