"""No organisation stands above itself, however far up: every walk to the top ends."""

from django.db import migrations

# Changes wait for each other, since two that see nothing of each other could close a circle
# together. What is entered waits for changes alone: nobody can be put under what nobody sees yet.
ABOVE = """
CREATE FUNCTION schools_organisation_above() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    PERFORM pg_advisory_xact_lock_shared(hashtext('schools_organisation_above'));
  ELSE
    PERFORM pg_advisory_xact_lock(hashtext('schools_organisation_above'));
  END IF;
  IF EXISTS (
    WITH RECURSIVE above(id) AS (
      SELECT NEW.superior_id
      UNION
      SELECT o.superior_id FROM above JOIN public.schools_organisation o ON o.id = above.id
      WHERE o.superior_id IS NOT NULL)
    SELECT FROM above WHERE above.id = NEW.id) THEN
    RAISE EXCEPTION 'an organisation is not above itself' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER schools_organisation_above
  BEFORE INSERT OR UPDATE OF id, superior_id ON schools_organisation
  FOR EACH ROW WHEN (NEW.superior_id IS NOT NULL) EXECUTE FUNCTION schools_organisation_above();
"""
ABOVE_BACK = """
DROP TRIGGER schools_organisation_above ON schools_organisation;
DROP FUNCTION schools_organisation_above();
"""


class Migration(migrations.Migration):
    dependencies = [("schools", "0003_term_entered_late")]

    operations = [migrations.RunSQL(ABOVE, ABOVE_BACK)]
