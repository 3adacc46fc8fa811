"""The question across schools who is enrolled elsewhere: asked in one's own school's name alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

from django.db import connection

from schools.scope import acting_for
from students.models import Student
from students.rules.roster.difference import enrolled_elsewhere
from tests import database
from tests.cast import Cast, student
from tests.students.test_risks import twin

MIGRATION = import_module("students.migrations.0013_identity_question")


def asked(school: int | None, *whom: Student) -> set[bytes]:
    """What the function answers to the application's role in the name of this school."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT aid_enrolled_elsewhere(%s, %s::bytea[])",
            [school, [bytes(one.id_blind) for one in whom]],
        )
        return {bytes(blind) for (blind,) in cursor.fetchall()}


@contextmanager
def any_name_answered() -> Iterator[None]:
    """The function as it was; a transaction that is already open may not see the change."""
    try:
        with database.owner() as cursor:
            cursor.execute(MIGRATION.ANY_NAME)
        yield
    finally:
        with database.owner() as cursor:
            cursor.execute(MIGRATION.REACHED)


def test_in_the_name_of_another_school_nothing_is_answered(cast: Cast) -> None:
    one = cast.a.students[0]
    twin(cast, one)
    assert asked(cast.school.pk, one) == {bytes(one.id_blind)}
    for school in (cast.b.school.pk, cast.c.school.pk, 0, None):
        assert asked(school, one, *cast.a.students) == set()


def test_without_the_look_at_who_asks_the_answers_tell_where(committed: Cast) -> None:
    # Negative control: somebody at school B alone; every name but B's gets an answer.
    with acting_for(committed.b.school):
        theirs = student(committed.b.school_class, "例外校")
    with any_name_answered():
        assert asked(committed.c.school.pk, theirs) == {bytes(theirs.id_blind)}
        assert asked(0, theirs) == {bytes(theirs.id_blind)}
        assert asked(committed.b.school.pk, theirs) == set()
    assert asked(committed.c.school.pk, theirs) == set()


def test_who_is_not_on_the_roster_yet_may_be_asked_for(cast: Cast) -> None:
    with acting_for(cast.b.school):
        theirs = student(cast.b.school_class, "例外校")
    blind = bytes(theirs.id_blind)
    assert asked(cast.school.pk, theirs) == {blind}
    assert enrolled_elsewhere(cast.school, [blind]) == {blind}


def test_a_bureau_asks_in_the_name_of_schools_that_it_reaches(cast: Cast) -> None:
    one = cast.a.students[0]
    twin(cast, one)
    with acting_for(cast.district):
        assert asked(cast.school.pk, one) == {bytes(one.id_blind)}
    with acting_for(cast.other_district):
        assert asked(cast.school.pk, one) == set()


def test_after_either_answer_the_wall_stands(cast: Cast) -> None:
    other = twin(cast, cast.a.students[0])
    for school in (cast.school.pk, cast.b.school.pk):
        asked(school, other)
        assert not Student.objects.filter(pk=other.pk).exists()


def test_the_function_keeps_its_owner_its_rights_and_its_fixed_path(cast: Cast) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT prosecdef, proconfig, pg_get_userbyid(proowner) <> current_user,"
            " has_function_privilege(oid, 'EXECUTE')"
            " FROM pg_proc WHERE proname = 'aid_enrolled_elsewhere'"
        )
        assert cursor.fetchall() == [
            (True, ["search_path=pg_catalog, public, pg_temp"], True, True)
        ]
