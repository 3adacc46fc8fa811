"""Walls of the quotas; what is enacted stays as it is, and opens only where it is meant to."""

from django.db import migrations

from schools.walls import Wall

# An authority's programme, once enacted, moves only towards its end.
STAYS = """
CREATE FUNCTION programme_stays() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  ends text[] := '{status,valid_to,end_on,end_reason,ask_end_by_id,ask_end_at,end_by_id,end_at}';
BEGIN
  IF OLD.managed_by_id IS NULL OR OLD.status = 'draft' THEN
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
  END IF;
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'programme % stays', OLD.id USING ERRCODE = 'restrict_violation';
  END IF;
  IF to_jsonb(NEW) - ends <> to_jsonb(OLD) - ends
     OR (NEW.status <> OLD.status AND (OLD.status || '>' || NEW.status) NOT IN
         ('enacted>ending', 'ending>enacted', 'ending>ended', 'enacted>ended'))
     OR (NEW.valid_to IS DISTINCT FROM OLD.valid_to
         AND (OLD.status || '>' || NEW.status) NOT IN ('ending>ended', 'enacted>ended')) THEN
    RAISE EXCEPTION 'programme % is enacted', OLD.id USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER programme_stays BEFORE UPDATE OR DELETE ON applications_programme
  FOR EACH ROW EXECUTE FUNCTION programme_stays();
"""
STAYS_BACK = """
DROP TRIGGER programme_stays ON applications_programme;
DROP FUNCTION programme_stays();
"""

# Its tiers, papers, quotas and groups come and go only while it is a draft. What excludes one
# another stands on both sides, so there one draft of the two is enough.
PARTS = ("tier", "paperrule", "programmequota", "programme_open_groups")
PARTS_STAY = """
CREATE FUNCTION programme_enacted(key bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT 1 FROM applications_programme
    WHERE id = key AND managed_by_id IS NOT NULL AND status <> 'draft')
$$;
CREATE FUNCTION programme_drafted(key bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT 1 FROM applications_programme WHERE id = key AND status = 'draft')
$$;
CREATE FUNCTION programme_part_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (TG_OP <> 'INSERT' AND programme_enacted(OLD.programme_id))
     OR (TG_OP <> 'DELETE' AND programme_enacted(NEW.programme_id)) THEN
    RAISE EXCEPTION 'a part of an enacted programme stays' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE FUNCTION programme_exclusion_stays() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  pair applications_programme_exclusive_with := CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
BEGIN
  IF (programme_enacted(pair.from_programme_id) OR programme_enacted(pair.to_programme_id))
     AND NOT programme_drafted(pair.from_programme_id)
     AND NOT programme_drafted(pair.to_programme_id) THEN
    RAISE EXCEPTION 'what an enacted programme excludes stays'
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN pair;
END $$;
CREATE TRIGGER programme_exclusion_stays
  BEFORE INSERT OR UPDATE OR DELETE ON applications_programme_exclusive_with
  FOR EACH ROW EXECUTE FUNCTION programme_exclusion_stays();
""" + "".join(
    f"""
CREATE TRIGGER programme_part_stays BEFORE INSERT OR UPDATE OR DELETE ON applications_{part}
  FOR EACH ROW EXECUTE FUNCTION programme_part_stays();
"""
    for part in PARTS
)
PARTS_FREE = (
    "".join(f"DROP TRIGGER programme_part_stays ON applications_{part};" for part in PARTS)
    + """
DROP TRIGGER programme_exclusion_stays ON applications_programme_exclusive_with;
DROP FUNCTION programme_exclusion_stays();
DROP FUNCTION programme_part_stays();
DROP FUNCTION programme_drafted(bigint);
DROP FUNCTION programme_enacted(bigint);
"""
)

# A school opens rounds of the nation's programmes, its superiors' and its own alone.
MEANT = """
CREATE FUNCTION round_programme_meant() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  owner bigint;
  its_status text;
BEGIN
  SELECT managed_by_id, status INTO owner, its_status
    FROM applications_programme WHERE id = NEW.programme_id;
  IF owner IS NULL THEN
    RETURN NEW;
  END IF;
  IF its_status NOT IN ('enacted', 'ending', 'ended') OR NOT EXISTS (
      WITH RECURSIVE line(id, superior_id) AS (
        SELECT id, superior_id FROM schools_organisation WHERE id = NEW.school_id
        UNION SELECT o.id, o.superior_id
          FROM schools_organisation o JOIN line ON o.id = line.superior_id)
      SELECT 1 FROM line WHERE id = owner) THEN
    RAISE EXCEPTION 'programme % is not for school %', NEW.programme_id, NEW.school_id
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER round_programme_meant
  BEFORE INSERT OR UPDATE OF programme_id, school_id ON applications_round
  FOR EACH ROW EXECUTE FUNCTION round_programme_meant();
"""
MEANT_BACK = """
DROP TRIGGER round_programme_meant ON applications_round;
DROP FUNCTION round_programme_meant();
"""


class Migration(migrations.Migration):
    dependencies = [("applications", "0015_programme_policy")]

    operations = [
        Wall("ProgrammeQuota", bureaus_write=True),
        migrations.RunSQL(STAYS, STAYS_BACK),
        migrations.RunSQL(PARTS_STAY, PARTS_FREE),
        migrations.RunSQL(MEANT, MEANT_BACK),
    ]
