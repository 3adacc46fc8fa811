"""Row-level security and composite keys of every tenant table of this app."""

from django.db import migrations

from schools.walls import Wall

IDENTITY_QUESTION = """
CREATE POLICY identity_question ON students_student FOR SELECT TO CURRENT_USER
  USING (current_setting('aid.asking', true) = 'identity');
CREATE FUNCTION aid_enrolled_elsewhere(asking_school bigint, identities bytea[]) RETURNS SETOF bytea
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  PERFORM set_config('aid.asking', 'identity', true);
  RETURN QUERY SELECT DISTINCT id_blind FROM public.students_student
    WHERE id_blind = ANY (identities) AND school_id <> asking_school AND status <> 'left';
  PERFORM set_config('aid.asking', '', true);
END $$;
"""
IDENTITY_QUESTION_BACK = """
DROP FUNCTION aid_enrolled_elsewhere(bigint, bytea[]);
DROP POLICY identity_question ON students_student;
"""


class Migration(migrations.Migration):
    dependencies = [("students", "0001_initial"), ("office", "0002_walls")]

    operations = [
        Wall("SchoolClass"),
        Wall("Student"),
        Wall("Guardian"),
        Wall("EnrolmentChange"),
        Wall("RosterImport"),
        Wall("RosterApproval"),
        # Matching a bureau's list tags the students of all its schools.
        Wall("SpecialGroupTag", bureaus_write=True),
        Wall("DepartmentList", "organisation_id"),
        Wall("DepartmentListRow", "organisation_id"),
        # The one audited question across schools: "is this person enrolled elsewhere?" The function
        # runs as the owner, to whom alone the second policy speaks, and answers yes or no.
        migrations.RunSQL(IDENTITY_QUESTION, IDENTITY_QUESTION_BACK),
    ]
