"""Who stands on a list and on no roster: found anew each time, noted once, exported."""

import io
import re
from datetime import date
from typing import Any

import openpyxl
import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import Event
from audit.refusal import Refused
from office import files, jobs
from office.models import Job
from office.spreadsheets.cells import Cell
from privacy.identity import make_id
from schools import clock
from schools.scope import acting_for
from students.actions import confirm_candidate, record_whereabouts, want_missing
from students.models import DepartmentList, MatchCandidate, SpecialGroup, Whereabouts
from students.queue import missing, of_age
from students.rules.ages import BANDS, COMPULSORY, years_before
from tests.cast import REGION, Cast
from tests.cast import student as new_student
from tests.students.test_actions_lists import matched
from tests.students.test_candidates import NUMBER, SEEN, match, person

BORN = {"小示人": date(2022, 3, 4), "学示人": date(2015, 9, 1), "大示人": date(1990, 1, 2)}
NUMBERS = {name: make_id(REGION, born, 601) for name, born in BORN.items()}


def listed_by(cast: Cast, **facts: object) -> DepartmentList:
    """A list of one student and three people who are on no roster."""
    row = cast.a.students[0]
    people = [(row.name, row.id_number.reveal()), *NUMBERS.items()]
    with acting_for(cast.district):
        return matched(cast, people, **facts)


def names(listed: DepartmentList) -> list[str]:
    return [row.name.reveal() for row in missing(listed)]


def note(cast: Cast, listed: DepartmentList, outcome: str = "elsewhere", told: str = "") -> int:
    chosen = [row.pk for row in missing(listed) if row.name.reveal() == "学示人"]
    return record_whereabouts(
        listed=listed, rows=chosen, outcome=outcome, note=told, by=cast.bureau_operator
    )


def test_who_is_missing_is_asked_of_the_rosters_of_today(cast: Cast) -> None:
    listed = listed_by(cast)
    with acting_for(cast.district):
        assert names(listed) == list(BORN)
        with acting_for(cast.b.school):
            new_student(cast.b.school_class, "学示人", id_number=NUMBERS["学示人"])
        assert names(listed) == ["小示人", "大示人"]


def test_who_is_asked_about_is_missing_until_a_school_says_yes(cast: Cast) -> None:
    listed = match(cast, person(身份证号码=NUMBER))
    with acting_for(cast.district):
        assert [row.asked for row in missing(listed)] == [True]
    (question,) = MatchCandidate.objects.filter(school=cast.school)
    confirm_candidate(candidate=question, reason=SEEN, by=cast.operator)
    with acting_for(cast.district):
        assert names(listed) == []


def test_by_age(cast: Cast) -> None:
    listed = listed_by(cast)
    with acting_for(cast.district):
        today = clock.today()
        found = {
            b.code: [r.name.reveal() for r in of_age(missing(listed), b, today)] for b in BANDS
        }
    assert found == {
        "compulsory": ["学示人"],
        "senior": [],
        "preschool": ["小示人"],
        "grown": ["大示人"],
        "baby": [],
    }


@pytest.mark.parametrize(
    ("born", "inside"),
    [
        (date(2020, 9, 1), True),
        (date(2020, 9, 2), False),
        (date(2010, 9, 2), True),
        (date(2010, 9, 1), False),
    ],
)
def test_the_edges_of_a_band(cast: Cast, born: date, inside: bool) -> None:
    with acting_for(cast.district):
        listed = matched(cast, [("边示人", make_id(REGION, born, 603))])
        assert of_age(missing(listed), COMPULSORY, date(2026, 9, 1)).exists() is inside


def test_a_leap_day_has_a_year_before() -> None:
    assert years_before(date(2028, 2, 29), 1) == date(2027, 2, 28)


def test_where_someone_is_holds_for_the_next_list(cast: Cast) -> None:
    listed = listed_by(cast)
    with acting_for(cast.district):
        assert note(cast, listed, told=" 邻市小学 ") == 1
        other = listed_by(cast, group=SpecialGroup.objects.get(code="orphan"))
        told = {row.name.reveal(): (row.outcome, row.told) for row in missing(other)}
        assert told["学示人"] == ("elsewhere", "邻市小学")
        assert told["小示人"] == ("", "")
        note(cast, other, "dropped_out")
        assert [w.outcome for w in Whereabouts.objects.all()] == ["dropped_out"]
        events = Event.objects.filter(verb="departmentlist.whereabouts")
        assert [e.facts["outcome"] for e in events] == ["elsewhere", "dropped_out"]
        assert "学示人" not in str([e.facts for e in events])
    with acting_for(cast.a.school):
        assert not Whereabouts.objects.exists()


def test_recording_is_refused_with_all_reasons(cast: Cast) -> None:
    listed = listed_by(cast)
    with acting_for(cast.district):
        on_roster = listed.rows.get(row=2)
        with pytest.raises(Refused) as refused:
            record_whereabouts(
                listed=listed,
                rows=[on_roster.pk],
                outcome="gone",
                note="",
                by=cast.bureau_reviewer,
            )
        assert [r.text for r in refused.value.reasons] == [
            "去向由资助中心经办登记",
            "没有选择去向",
            "没有选择人员",
        ]
        with pytest.raises(Refused, match="去向是“其他”，要写说明"):
            note(cast, listed, "other")
        note(cast, listed, "other", "随父母迁移")
        with (
            pytest.raises(IntegrityError, match="whereabouts_other_told"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute("UPDATE students_whereabouts SET note = ''")


def test_the_workbook_has_names_and_masked_numbers(cast: Cast) -> None:
    listed = listed_by(cast)
    with acting_for(cast.district):
        note(cast, listed, "dropped_out", "已上门")
        with pytest.raises(Refused, match="没有写导出的用途"):
            want_missing(listed=listed, band="", outcome="", reason=" ", by=cast.bureau_reviewer)
        job = want_missing(
            listed=listed,
            band="compulsory",
            outcome="dropped_out",
            reason="控辍保学",
            by=cast.bureau_operator,
        )
        assert "学示人" not in str(job.params)
        event = Event.objects.get(verb="departmentlist.export_missing")
        assert event.reason == "控辍保学"
        jobs.run(job.pk, cast.district.pk)
        done = Job.objects.get(pk=job.pk)
        assert (done.status, done.error) == ("done", "")
        assert done.result is not None
        content = files.content_of(done.result)
    rows = list(openpyxl.load_workbook(io.BytesIO(content)).worksheets[0].values)
    assert [row[1] for row in rows] == ["姓名", "学示人"]
    assert rows[1][6:] == ("失学，劝返中", "已上门")
    assert NUMBERS["学示人"] not in str(rows)


def test_the_page_lists_records_and_exports(cast: Cast, sign_in: Any) -> None:
    listed = listed_by(cast)
    client = sign_in(cast.bureau_operator)
    url = reverse("students:list_missing", kwargs={"list_id": listed.pk})
    shown = client.get(url, {"age": "compulsory", "outcome": "none"})
    assert [r["name"] for r in shown.context["rows"]] == ["学*人"]
    assert [r["age"] for r in shown.context["rows"]] == [11]
    assert NUMBERS["学示人"] not in shown.content.decode()
    # A browser asks for the choice before anything is sent: the ticks stay.
    asked = shown.content.decode().partition('name="found"')[2].partition(">")[0]
    assert "required" in asked
    record = reverse("students:list_whereabouts", kwargs={"list_id": listed.pk})
    assert client.post(record, {"pick": ["1x"], "found": "dead"}).status_code == 409
    facts = {"all": "1", "age": "compulsory", "found": "dropped_out", "note": "已上门"}
    answer = client.post(record, facts, follow=True)
    assert answer.redirect_chain == [(f"{url}?age=compulsory", 302)]
    assert "已登记1人的去向" in answer.content.decode()
    # What is filtered without a new page is exported so too.
    assert 'hx-select-oob="#export,#export-many"' in shown.content.decode()
    assert client.get(url, {"outcome": "dropped_out"}).context["total"] == 1
    assert client.get(url, {"outcome": "nonsense"}).context["total"] == 3
    export = reverse("students:list_missing_export", kwargs={"list_id": listed.pk})
    answer = client.post(export, {"age": "compulsory", "reason": "控辍保学"})
    assert answer.status_code == 302
    assert sign_in(cast.bureau_reviewer).post(record).status_code == 403
    assert sign_in(cast.other_bureau_operator).get(url).status_code == 404


def _form(shown: str) -> str:
    return shown.partition("data-batch>")[2].partition("</form>")[0]


def test_without_the_note_the_form_comes_back_with_everyone_ticked(
    cast: Cast, sign_in: Any
) -> None:
    listed = listed_by(cast)
    client = sign_in(cast.bureau_operator)
    url = reverse("students:list_missing", kwargs={"list_id": listed.pk})
    record = reverse("students:list_whereabouts", kwargs={"list_id": listed.pk})
    with acting_for(cast.district):
        young, grown = (row.pk for row in missing(listed) if row.name.reveal() != "学示人")
    facts = {"pick": [grown], "found": "other", "note": " ", "outcome": "none", "page": "1"}
    answer = client.post(record, facts)
    assert answer.status_code == 422
    shown = answer.content.decode()
    assert 'href="#note"' in shown, "the summary leads to the field"
    form = _form(shown)
    assert re.findall(r'name="pick" value="(\d+)"[^>]* checked', form) == [str(grown)]
    assert f'name="pick" value="{young}"' in form
    assert '<option value="other" selected>' in form
    assert 'name="outcome" value="none"' in form, "the filter stays"
    field = form.partition('id="note"')[2].partition("</span></p>")[0]
    assert 'aria-describedby="note-error"' in field.partition(">")[0]
    assert 'id="note-error"' in field
    assert "要写说明" in field
    with acting_for(cast.district):
        assert not Whereabouts.objects.exists()
    # Its address, opened by hand or by the links of its pages, is the list.
    assert client.get(record, {"outcome": "none"}).url == f"{url}?outcome=none"


def test_everybody_found_stays_chosen_too_and_so_does_what_was_written(
    cast: Cast, sign_in: Any
) -> None:
    listed = listed_by(cast)
    record = reverse("students:list_whereabouts", kwargs={"list_id": listed.pk})
    facts = {"all": "1", "age": "compulsory", "found": "", "note": "随父母迁移"}
    answer = sign_in(cast.bureau_operator).post(record, facts)
    assert answer.status_code == 422
    form = _form(answer.content.decode())
    assert re.search(r'name="all" value="1"[^>]* checked', form)
    assert 'value="随父母迁移"' in form
    assert 'aria-describedby="found-error"' in form
    assert answer.context["total"] == 1


def test_queries_do_not_grow_with_the_people(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.bureau_operator)
    counts = []
    for n in (1, 30):
        people: list[tuple[str, Cell]] = [
            ("多示人", make_id(REGION, date(2014, 5, i + 1), 605)) for i in range(n)
        ]
        with acting_for(cast.district):
            listed = matched(cast, people)
        url = reverse("students:list_missing", kwargs={"list_id": listed.pk})
        client.get(url)
        with CaptureQueriesContext(connection) as asked:
            client.get(url)
        counts.append(len(asked))
    assert counts[0] == counts[1]
