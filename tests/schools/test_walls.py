"""The catalogue: every tenant table stands behind all three walls, shown by raw SQL."""

import pytest
from django.apps import apps
from django.db import connection, models, transaction
from django.db.utils import Error, ProgrammingError

from schools.scope import acting_for
from schools.tenancy import OrganisationModel, TenantForeignKey, TenantModel, set_scope
from students.models import SchoolClass, Student
from tests import database
from tests.cast import Cast, school_class

# Tables without a tenant, each with its reason; a new table is walled or explained here.
OUTSIDE = {
    "auth_group": "framework",
    "auth_permission": "framework",
    "django_content_type": "framework",
    "django_session": "framework; holds an account and an appointment id",
    "axes_accessattempt": "sign-in throttling before anybody is known",
    "axes_accessattemptexpiration": "sign-in throttling before anybody is known",
    "axes_accesslog": "sign-in throttling before anybody is known",
    "axes_accessfailurelog": "sign-in throttling before anybody is known",
    "guardian_userobjectpermission": "grants by id; the row itself is walled",
    "guardian_groupobjectpermission": "grants by id; the row itself is walled",
    "otp_totp_totpdevice": "an account's second factor",
    "schools_organisation": "names of organisations are public",
    "schools_bureau": "names of organisations are public",
    "schools_school": "names of organisations are public",
    "schools_reach": "the scope itself",
    "schools_person": "one row per human being, before any tenant is known; ID and phone sealed",
    "schools_account": "sign-in, before any tenant is known",
    "schools_appointment": "decides the tenant",
    "schools_term": "reference",
    "schools_calendarday": "reference",
    "schools_clockshift": "demonstration only",
    "students_specialgroup": "reference",
    "applications_entrytry": "throttling of the family's entry, before any school is known",
    "applications_programme": "policy, national or an authority's; enacted rows can't be changed",
    "applications_tier": "a part of a programme",
    "applications_paperrule": "a part of a programme, or reference",
    "review_scoringscheme": "reference",
}
ORGANISATION_WALLED = {"audit_event", "audit_chain"}


def concrete_models() -> list[type[models.Model]]:
    return [m for m in apps.get_models() if m._meta.managed and not m._meta.proxy]


def is_tenant(model: type[models.Model]) -> bool:
    walled = issubclass(model, TenantModel | OrganisationModel)
    return walled or model._meta.db_table in ORGANISATION_WALLED


def test_every_model_is_a_tenants_or_explained() -> None:
    unexplained = {m._meta.db_table for m in concrete_models() if not is_tenant(m)} - set(OUTSIDE)
    assert unexplained == set()


def test_explanations_are_not_stale() -> None:
    assert set(OUTSIDE) <= {m._meta.db_table for m in concrete_models()}


def catalogue_gaps() -> list[str]:
    gaps = []
    with connection.cursor() as cursor:
        for model in filter(is_tenant, concrete_models()):
            table = model._meta.db_table
            cursor.execute(
                "SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE relname = %s",
                [table],
            )
            if cursor.fetchone() != (True, True):
                gaps.append(f"{table}: row-level security")
            cursor.execute("SELECT 1 FROM pg_policy WHERE polrelid = %s::regclass", [table])
            if cursor.fetchone() is None:
                gaps.append(f"{table}: no policy")
            gaps += missing_keys(cursor, model)
    return gaps


def missing_keys(cursor: object, model: type[models.Model]) -> list[str]:
    gaps = []
    for field in model._meta.local_fields:
        target = field.related_model
        if not isinstance(target, type) or not issubclass(target, TenantModel):
            continue
        if not isinstance(field, TenantForeignKey):
            gaps.append(f"{model._meta.db_table}.{field.name}: not a TenantForeignKey")
        cursor.execute(  # type: ignore[attr-defined]
            "SELECT array_length(conkey, 1) FROM pg_constraint WHERE contype = 'f'"
            " AND conrelid = %s::regclass AND confrelid = %s::regclass"
            " AND (SELECT attnum FROM pg_attribute WHERE attrelid = conrelid AND attname = %s)"
            " = ANY (conkey)",
            [model._meta.db_table, target._meta.db_table, field.column],
        )
        if cursor.fetchone() != (2,):  # type: ignore[attr-defined]
            gaps.append(f"{model._meta.db_table}.{field.name}: no composite key")
    return gaps


@pytest.mark.django_db
def test_every_tenant_table_stands_behind_its_walls() -> None:
    assert catalogue_gaps() == []


@pytest.mark.django_db
def test_the_application_is_neither_owner_nor_superuser() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolsuper, rolbypassrls, rolname = (SELECT tableowner FROM pg_tables"
            " WHERE schemaname = 'public' AND tablename = 'students_student')"
            " FROM pg_roles WHERE rolname = current_user"
        )
        assert cursor.fetchone() == (False, False, False)


def count(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return int(cursor.fetchone()[0])


def test_an_empty_scope_reads_nothing(cast: Cast) -> None:
    set_scope(None)
    assert count("students_student") == 0


def test_a_school_reads_its_own_rows_only(cast: Cast) -> None:
    assert count("students_student") == len(cast.a.students)
    with acting_for(cast.c.school):
        assert set(Student.objects.values_list("school_id", flat=True)) == {cast.c.school.pk}


def test_a_district_reads_its_schools_and_no_others(cast: Cast) -> None:
    with acting_for(cast.district):
        schools = set(Student.objects.values_list("school_id", flat=True))
    assert schools == {cast.a.school.pk, cast.b.school.pk}


def test_raw_sql_cannot_write_into_another_school(cast: Cast) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE students_student SET name = 'x' WHERE school_id = %s", [cast.b.school.pk]
        )
        assert cursor.rowcount == 0
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            cursor.execute(
                "INSERT INTO students_schoolclass (school_id, stage, grade, number, name,"
                " department, major, agri_major) VALUES (%s, 'senior', 1, 9, 'x', '', '', false)",
                [cast.b.school.pk],
            )


def test_a_bureau_reads_but_does_not_write_a_schools_rows(cast: Cast) -> None:
    with acting_for(cast.district):
        students = Student.objects.filter(school=cast.a.school)
        assert students.count() == len(cast.a.students)
        assert students.update(name="x") == 0
        assert students.delete()[0] == 0
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            school_class(cast.a.school, cast.a.head_teacher, number=9)


# Where a duty of the bureau itself ends in a school's rows.
BUREAUS_WRITE = {
    "applications_programmequota",
    "students_matchcandidate",
    "students_namedifference",
    "students_specialgrouptag",
    "screening_screening",
}


@pytest.mark.django_db
def test_only_the_named_tables_are_written_by_bureaus() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tablename FROM pg_policies WHERE policyname = 'tenant' AND qual LIKE"
            " '%aid_schools%' AND tablename IN (SELECT table_name FROM"
            " information_schema.columns WHERE column_name = 'school_id')"
        )
        assert {row[0] for row in cursor.fetchall()} == BUREAUS_WRITE


@pytest.mark.django_db
def test_functions_of_the_owner_cannot_be_led_to_other_tables() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT proname FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace"
            " AND NOT 'search_path=pg_catalog, public, pg_temp' = ANY (coalesce(proconfig, '{}'))"
        )
        assert cursor.fetchall() == []
        cursor.execute("SELECT has_database_privilege(current_database(), 'TEMPORARY')")
        assert cursor.fetchone() == (False,)


def test_a_row_cannot_point_into_another_school(cast: Cast) -> None:
    with pytest.raises(Error, match="wall"), transaction.atomic():
        Student.objects.filter(pk=cast.a.students[0].pk).update(school_class=cast.b.school_class.pk)


def test_a_row_cannot_move_to_another_school(cast: Cast) -> None:
    with pytest.raises(Error), transaction.atomic():
        SchoolClass.objects.filter(pk=cast.a.school_class.pk).update(school=cast.b.school.pk)


@pytest.mark.django_db
def test_the_application_cannot_take_the_walls_down() -> None:
    for statement in (
        "ALTER TABLE students_student DISABLE ROW LEVEL SECURITY",
        "DROP POLICY tenant ON students_student",
        "TRUNCATE students_student",
        "SET ROLE aidadmin_owner",
    ):
        with (
            pytest.raises(Error, match=r"must be owner|permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


def test_without_its_policy_a_table_leaks_and_the_catalogue_tells(committed: Cast) -> None:
    # Negative control: the same counts with the wall taken down by the owner.
    set_scope(None)
    with database.owner() as cursor:
        cursor.execute("ALTER TABLE students_student DISABLE ROW LEVEL SECURITY")
    try:
        assert count("students_student") > 0
        assert "students_student: row-level security" in catalogue_gaps()
    finally:
        with database.owner() as cursor:
            cursor.execute("ALTER TABLE students_student ENABLE ROW LEVEL SECURITY")
    assert count("students_student") == 0
