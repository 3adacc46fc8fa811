"""A tag that two persons ended does not come back from a list that a newer one replaced."""

from django.db import migrations

# Schools may not read a bureau's lists: the functions run as the owner, to whom alone these
# policies speak, and answer yes or no.
POLICIES = """
CREATE POLICY list_question ON students_departmentlist FOR SELECT TO CURRENT_USER
  USING (current_setting('aid.asking', true) = 'lists');
CREATE POLICY list_question ON students_departmentlistrow FOR SELECT TO CURRENT_USER
  USING (current_setting('aid.asking', true) = 'lists');
CREATE POLICY list_question ON students_tagending FOR SELECT TO CURRENT_USER
  USING (current_setting('aid.asking', true) = 'lists');
"""
# The same as `students.queue.lists_in_force`, but for the period.
REPLACED = """
CREATE FUNCTION aid_list_replaced(asked bigint) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE found_one boolean;
BEGIN
  PERFORM set_config('aid.asking', 'lists', true);
  SELECT EXISTS (
    SELECT 1 FROM public.students_departmentlist old
      JOIN public.students_departmentlist newer
        ON newer.organisation_id = old.organisation_id AND newer.group_id = old.group_id
       AND newer.status = 'matched' AND (newer.issued_on, newer.id) > (old.issued_on, old.id)
      JOIN public.students_tagending ending
        ON ending.list_id = newer.id AND ending.status = 'approved'
     WHERE old.id = asked) INTO found_one;
  PERFORM set_config('aid.asking', '', true);
  RETURN found_one;
END $$;
"""
# Once per statement, and looking at persons only where a list was replaced: nearly never.
# Who is named by a list in force may be tagged from wherever: numbers that were exchanged, say.
GUARD = """
CREATE FUNCTION students_tag_stays_ended() RETURNS trigger
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE replaced bigint[];
BEGIN
  SELECT array_agg(told.id) INTO replaced
    FROM (SELECT DISTINCT source_list_id AS id FROM fresh WHERE source_list_id IS NOT NULL) told
   WHERE public.aid_list_replaced(told.id);
  IF replaced IS NULL THEN
    RETURN NULL;
  END IF;
  PERFORM set_config('aid.asking', 'lists', true);
  IF EXISTS (
    SELECT 1 FROM fresh
      JOIN public.students_student student
        ON student.school_id = fresh.school_id AND student.id = fresh.student_id
      JOIN public.students_specialgrouptag was
        ON was.school_id = fresh.school_id AND was.student_id = fresh.student_id
       AND was.group_id = fresh.group_id AND was.id <> fresh.id
      JOIN public.students_departmentlist listed ON listed.id = fresh.source_list_id
      JOIN public.students_departmentlist newer
        ON newer.organisation_id = listed.organisation_id AND newer.group_id = listed.group_id
       AND newer.status = 'matched' AND (newer.issued_on, newer.id) > (listed.issued_on, listed.id)
      JOIN public.students_tagending ending
        ON ending.list_id = newer.id AND ending.status = 'approved'
       AND ending.tags @> to_jsonb(was.id)
       AND was.valid_to <= greatest(was.valid_from - 1, ending.ends_on)
     WHERE fresh.source_list_id = ANY (replaced)
       AND NOT EXISTS (
         SELECT 1 FROM public.students_departmentlistrow named
           JOIN public.students_departmentlist current ON current.id = named.list_id
          WHERE current.organisation_id = listed.organisation_id
            AND current.group_id = listed.group_id AND current.status = 'matched'
            AND (current.issued_on, current.id) >= (newer.issued_on, newer.id)
            AND (named.id_blind = student.id_blind OR named.id_blind IN (
              SELECT answered.listed_blind FROM public.students_matchcandidate answered
               WHERE answered.school_id = student.school_id
                 AND answered.student_id = student.id AND answered.status = 'same')))) THEN
    RAISE EXCEPTION 'tag_stays_ended: two persons ended it, and its list was replaced'
      USING ERRCODE = 'check_violation';
  END IF;
  PERFORM set_config('aid.asking', '', true);
  RETURN NULL;
END $$;
CREATE TRIGGER tag_stays_ended AFTER INSERT ON students_specialgrouptag
  REFERENCING NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION students_tag_stays_ended();
"""
BACK = """
DROP TRIGGER tag_stays_ended ON students_specialgrouptag;
DROP FUNCTION students_tag_stays_ended();
DROP FUNCTION aid_list_replaced(bigint);
DROP POLICY list_question ON students_tagending;
DROP POLICY list_question ON students_departmentlistrow;
DROP POLICY list_question ON students_departmentlist;
"""


class Migration(migrations.Migration):
    dependencies = [("students", "0029_newcomers_found")]

    operations = [migrations.RunSQL(POLICIES + REPLACED + GUARD, BACK)]
