"""A file asked for 64 times at once is made once; every asking stays on the record."""

from collections.abc import Callable

import pytest

from aidadmin.risks import want_risks
from applications.actions import want_class_forms
from archive.actions import want_class_files
from audit.models import Event
from disbursement.actions import want_receipts
from office.models import Job
from schools import clock
from schools.models import Organisation
from schools.scope import acting_for
from screening.actions import want_table
from students.actions import want_missing
from tests.cast import Cast
from tests.database import without
from tests.disbursement import cases as paying
from tests.disbursement.cases import PAY_DAY
from tests.racing import race, unguarded
from tests.review import cases as reviewing
from tests.students.test_missing import listed_by

pytestmark = pytest.mark.race
Act = Callable[[int], object]
Arranged = tuple[Organisation, Act]
REASON = "归档"


def class_files(cast: Cast) -> Arranged:
    return cast.school, lambda _: want_class_files(
        school_class=cast.a.school_class, by=cast.operator
    )


def table(cast: Cast) -> Arranged:
    return cast.school, lambda _: want_table(
        form="school", organisation=cast.school, term=cast.term, reason=REASON, by=cast.operator
    )


def receipts(cast: Cast) -> Arranged:
    with clock.at(PAY_DAY):
        aid = paying.aid(cast.a)
        for someone in cast.a.students:
            paying.ready(aid, someone)
        batch = paying.sent(aid)
    return cast.school, lambda _: want_receipts(batch=batch, by=cast.operator)


def class_forms(cast: Cast) -> Arranged:
    round_ = reviewing.taken_up(cast)
    return cast.school, lambda _: want_class_forms(
        round_=round_, school_class=cast.a.school_class, reason=REASON, by=cast.operator
    )


def missing(cast: Cast) -> Arranged:
    with acting_for(cast.district):
        listed = listed_by(cast)
    return cast.district, lambda _: want_missing(
        listed=listed, band="", outcome="", reason=REASON, by=cast.bureau_operator
    )


def risks(cast: Cast) -> Arranged:
    return cast.school, lambda _: want_risks(reason=REASON, by=cast.operator)


ASKED: tuple[Callable[[Cast], Arranged], ...] = (
    class_files,
    table,
    receipts,
    class_forms,
    missing,
    risks,
)


def wanted(organisation: Organisation) -> int:
    with acting_for(organisation):
        return Job.objects.count()


@pytest.mark.parametrize("arrange", ASKED)
def test_a_file_is_made_once(committed: Cast, arrange: Callable[[Cast], Arranged]) -> None:
    organisation, act = arrange(committed)
    jobs = wanted(organisation)
    with acting_for(organisation):
        events = Event.objects.count()
    assert race(act, organisation=organisation, threads=64) == {"won": 64}
    assert wanted(organisation) == jobs + 1
    with acting_for(organisation):
        assert Event.objects.count() >= events + 64


@pytest.mark.parametrize("arrange", ASKED)
def test_without_the_key_it_is_made_several_times(
    committed: Cast, arrange: Callable[[Cast], Arranged]
) -> None:
    organisation, act = arrange(committed)
    jobs = wanted(organisation)
    with without("office_job", "job_wanted_once"):
        assert unguarded(act, organisation=organisation) > 1
        assert wanted(organisation) > jobs + 1


def test_what_is_finished_or_being_stopped_may_be_asked_for_again(cast: Cast) -> None:
    def ask() -> Job:
        return want_class_files(school_class=cast.a.school_class, by=cast.operator)

    first = ask()
    assert ask() == first
    other = want_class_files(school_class=cast.a.school_class, by=cast.reviewer)
    assert other != first
    Job.objects.filter(pk=first.pk).update(status="running", stop_wanted=True)
    second = ask()
    assert second != first
    Job.objects.filter(pk=second.pk).update(status="done", finished_at=clock.now())
    assert ask() not in (first, second)
