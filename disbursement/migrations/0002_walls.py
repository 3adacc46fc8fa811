"""Row-level security and composite keys of every tenant table of this app."""

from django.db import migrations

from schools.walls import Wall, append_only

LEDGER_BALANCES = """
CREATE FUNCTION ledger_entry_balances() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT sum(amount_fen) FROM disbursement_ledgerposting
      WHERE school_id = NEW.school_id AND entry_id = NEW.entry_id) <> 0 THEN
    RAISE EXCEPTION 'ledger entry % does not balance', NEW.entry_id
      USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER ledger_entry_balances AFTER INSERT ON disbursement_ledgerposting
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_entry_balances();
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
    ]
