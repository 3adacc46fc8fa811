"""失学劝返 (row 2-03): who was found out of school is not forgotten with the list he stood on."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import Event
from audit.refusal import Refused
from schools import clock
from schools.scope import acting_for
from students.actions import change_whereabouts, withdraw_list
from students.dropout_queue import out_of_school, still_out, told_of
from students.models import Student, Whereabouts
from students.navigation import anomalies
from tests.cast import Cast
from tests.cast import student as new_student
from tests.students.test_actions_lists import matched
from tests.students.test_missing import NUMBERS, listed_by, note

PAGE = reverse("students:dropouts")
RECORD = reverse("students:dropouts_record")


def found_out(cast: Cast, told: str = "已家访") -> Whereabouts:
    """学示人 is on a list, on no roster, and was found out of school."""
    listed = listed_by(cast, issued_on=clock.today() - timedelta(days=9))
    with acting_for(cast.district):
        note(cast, listed, "dropped_out", told)
        return Whereabouts.objects.get()


def next_list(cast: Cast, *people: str) -> Any:
    """The group's next list, of these alone."""
    row = cast.a.students[0]
    rows = [(row.name, row.id_number.reveal()), *((n, NUMBERS[n]) for n in people)]
    with acting_for(cast.district):
        return matched(cast, rows, issued_on=clock.today())


def change(cast: Cast, *persons: Whereabouts, outcome: str = "returned", told: str = "") -> int:
    with acting_for(cast.district):
        return change_whereabouts(
            persons=[p.pk for p in persons], outcome=outcome, note=told, by=cast.bureau_operator
        )


def test_the_next_list_does_not_name_him_and_the_desk_still_does(cast: Cast, sign_in: Any) -> None:
    found_out(cast)
    next_list(cast)
    with acting_for(cast.district):
        (about,) = anomalies(cast.bureau_operator)
        assert (about.title, about.count, about.url) == ("失学，劝返中", 1, PAGE)
    text = sign_in(cast.bureau_operator).get(PAGE).content.decode()
    assert "学*人" in text
    assert "已家访" in text
    assert "不在名册" in text
    assert NUMBERS["学示人"] not in text
    assert "学示人" not in text


def test_he_is_told_of_by_the_newest_list_that_names_him(cast: Cast) -> None:
    found_out(cast)
    newer = next_list(cast, "学示人")
    with acting_for(cast.district):
        (one,) = told_of(list(out_of_school(cast.district.pk)))
        assert one.row is not None
        assert one.row.list_id == newer.pk
        assert one.age == 11
        withdraw_list(listed=newer, reason="名单有误", by=cast.bureau_reviewer)
        (one,) = told_of(list(out_of_school(cast.district.pk)))
        assert one.row is not None
        assert one.row.list_id != newer.pk


def test_who_is_on_a_roster_by_now_waits_for_a_word_but_not_on_the_desk(cast: Cast) -> None:
    person = found_out(cast)
    with acting_for(cast.b.school):
        came = new_student(cast.b.school_class, "学示人", id_number=NUMBERS["学示人"])
    with acting_for(cast.district):
        assert still_out(cast.district.pk) == 0
        assert [one.here for one in out_of_school(cast.district.pk)] == [True]
    with acting_for(cast.b.school):
        Student.objects.filter(pk=came.pk).update(status="left", left_on="2026-10-01")
    with acting_for(cast.district):
        assert still_out(cast.district.pk) == 1
    assert change(cast, person) == 1
    with acting_for(cast.district):
        assert still_out(cast.district.pk) == 0
        assert not out_of_school(cast.district.pk).exists()


def test_what_became_of_him_is_recorded(cast: Cast) -> None:
    person = found_out(cast)
    assert change(cast, person, outcome="unable", told="送教上门") == 1
    with acting_for(cast.district):
        person.refresh_from_db()
        assert (person.outcome, person.note) == ("unable", "送教上门")
        event = Event.objects.get(verb="whereabouts.change")
        assert event.facts == {"people": 1, "outcome": "unable", "persons": [person.pk]}


@pytest.mark.parametrize(
    ("who", "outcome", "told", "why"),
    [
        ("bureau_reviewer", "returned", "", "去向由"),
        ("other_bureau_operator", "returned", "", "没有选择人员"),
        ("bureau_operator", "nowhere", "", "没有选择去向"),
        ("bureau_operator", "other", " ", "要写说明"),
    ],
)
def test_refusals(cast: Cast, who: str, outcome: str, told: str, why: str) -> None:
    person = found_out(cast)
    by = getattr(cast, who)
    with acting_for(by.organisation), pytest.raises(Refused) as refused:
        change_whereabouts(persons=[person.pk], outcome=outcome, note=told, by=by)
    assert any(why in str(reason) for reason in refused.value.reasons)
    with acting_for(cast.district):
        person.refresh_from_db()
        assert person.outcome == "dropped_out"
        assert not Event.objects.filter(verb="whereabouts.change").exists()


def test_what_somebody_else_recorded_meanwhile_stands(cast: Cast) -> None:
    person = found_out(cast)
    change(cast, person, outcome="moved")
    with pytest.raises(Refused):
        change(cast, person)
    with acting_for(cast.district):
        person.refresh_from_db()
        assert person.outcome == "moved"


def test_the_page_records_and_says_what_is_missing(cast: Cast, sign_in: Any) -> None:
    person = found_out(cast)
    client = sign_in(cast.bureau_operator)
    wrong = client.post(RECORD, {"pick": person.pk, "found": "other", "note": ""})
    assert wrong.status_code == 422
    text = wrong.content.decode()
    assert "要写说明" in text
    assert f'value="{person.pk}" aria-label="选择学*人" checked' in text
    done = client.post(RECORD, {"pick": person.pk, "found": "returned", "note": ""})
    assert done.status_code == 302
    assert "没有登记为失学的人" in client.get(PAGE).content.decode()
    assert client.post(RECORD, {"found": "returned"}).status_code == 409
    assert client.get(RECORD).status_code == 302


def test_filters_and_other_bureaus(cast: Cast, sign_in: Any) -> None:
    found_out(cast)
    client = sign_in(cast.bureau_operator)
    assert "学*人" in client.get(f"{PAGE}?state=out").content.decode()
    assert "学*人" not in client.get(f"{PAGE}?state=here").content.decode()
    assert "学*人" in client.get(f"{PAGE}?state=nonsense").content.decode()
    reviewer = sign_in(cast.bureau_reviewer)
    assert "data-batch" not in reviewer.get(PAGE).content.decode()
    assert reviewer.post(RECORD, {"found": "returned"}).status_code == 403
    assert "学*人" not in sign_in(cast.other_bureau_operator).get(PAGE).content.decode()


def test_as_many_queries_for_many_as_for_one(cast: Cast, sign_in: Any) -> None:
    person = found_out(cast)
    client = sign_in(cast.bureau_operator)
    client.get(PAGE)

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(PAGE)
        return len(queries)

    few = count()
    with acting_for(cast.district):
        Whereabouts.objects.bulk_create(
            Whereabouts(
                organisation=cast.district,
                person_blind=bytes([n]) * 32,
                outcome="dropped_out",
                recorded_by=person.recorded_by,
                recorded_at=clock.now(),
            )
            for n in range(1, 31)
        )
    assert count() == few
