"""The question who is enrolled elsewhere is asked in the name of a school that one reaches."""

from django.db import migrations

# Answers in other schools' names would tell which school it is: the one in whose name the answer
# is missing. Identities may be new to the asking school, since a roster's preview asks for them.
REACHED = """
CREATE OR REPLACE FUNCTION aid_enrolled_elsewhere(asking_school bigint, identities bytea[])
RETURNS SETOF bytea
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF NOT coalesce(asking_school = ANY (public.aid_schools()), false) THEN
    RETURN;
  END IF;
  PERFORM set_config('aid.asking', 'identity', true);
  RETURN QUERY SELECT DISTINCT id_blind FROM public.students_student
    WHERE id_blind = ANY (identities) AND school_id <> asking_school AND status <> 'left';
  PERFORM set_config('aid.asking', '', true);
END $$;
"""
ANY_NAME = """
CREATE OR REPLACE FUNCTION aid_enrolled_elsewhere(asking_school bigint, identities bytea[])
RETURNS SETOF bytea
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  PERFORM set_config('aid.asking', 'identity', true);
  RETURN QUERY SELECT DISTINCT id_blind FROM public.students_student
    WHERE id_blind = ANY (identities) AND school_id <> asking_school AND status <> 'left';
  PERFORM set_config('aid.asking', '', true);
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("schools", "0002_walls"), ("students", "0012_guardian_identity")]

    operations = [migrations.RunSQL(REACHED, ANY_NAME)]
