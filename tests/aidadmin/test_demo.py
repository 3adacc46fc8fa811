"""The demonstration's term, on small classes: every total agrees, and a wrong one is noticed."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from aidadmin.demo import accounts, district, last_year, rolls, sample, summary, walk
from applications import queue
from applications.models import Application, Round
from audit.verify import broken_links
from office.spreadsheets.reading import read_sheets
from review import governing
from review.models import NoticeLine, Recognition
from schools import clock
from schools.models import Organisation
from schools.scope import acting_for
from schools.tenancy import set_scope
from screening.models import Screening
from students.models import SchoolClass, Student, YearRollover


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Five small schools; the mess of the rosters stays."""
    plans = tuple(
        replace(plan, classes_per_grade=1, class_size=14, difficult=0.6) for plan in rolls.PLANS
    )
    monkeypatch.setattr(rolls, "PLANS", plans)


@pytest.fixture
def walked(db: None, small: None) -> Iterator[list[district.DemoSchool]]:
    """All five schools at the end of the term."""
    demo = district.found()
    last_year.begin(demo)
    walk.begin(demo)
    for school in demo.schools:
        walk.walk(school)
    yield demo.schools
    set_scope(None)


def test_a_whole_term_agrees(walked: list[district.DemoSchool]) -> None:
    found = [summary.of(school) for school in walked]
    assert [s.disagreements for s in found] == [[]] * 5
    answer = summary.as_dict(found, clock.today())
    assert answer["agree"] is True
    for school in answer["schools"]:
        assert school["paid"]["count"] > school["repaid"]["count"] == 3
        assert school["returned"] == school["repaid"]
        assert school["screening"]["total"] == sum(school["screening"]["cells"])
    json.dumps(answer)
    assert "✗" not in "\n".join(summary.as_text(found))
    for school in walked:
        with acting_for(school.school):
            assert list(broken_links(school.school.pk)) == []
            own = Application.objects.filter(channel=Application.Channel.FAMILY)
            assert own.filter(status=Application.Status.SUBMITTED).exists()
    _a_wrong_total_is_noticed(walked[2])


def _a_wrong_total_is_noticed(demo: district.DemoSchool) -> None:
    # Negative control: the same summary over numbers that were tampered with.
    with acting_for(demo.school):
        screening = Screening.objects.get()
        cells = screening.numbers["cells"]
        screening.numbers["cells"] = [cells[0] + 1, *cells[1:]]
        screening.save()
        NoticeLine.objects.filter(notice__round__kind="recognition")[0].delete()
    found = "\n".join(summary.of(demo).disagreements)
    assert "困难学生总数与六类之和" in found
    assert "困难学生与认定公示人数" in found


def test_a_school_renews_what_it_did_last_year(walked: list[district.DemoSchool]) -> None:
    (minban,) = (demo for demo in walked if demo.plan.renews)
    with acting_for(minban.school):
        last = Recognition.objects.filter(year=2025, valid_to=None)
        graded = dict(last.values_list("student_id", "grade"))
        assert set(graded.values()) > {"none"}
        # They have risen, and nobody of this year's beginners was there.
        there = Student.objects.filter(pk__in=graded)
        assert set(there.values_list("school_class__grade", flat=True)) == {2, 3}
        assert YearRollover.objects.get().year == 2026
        round_ = Round.objects.get(kind="recognition", term__code="2026-1")
        before = queue.last_recognition(minban.school, round_.term)
        assert before is not None
        assert before.submitted == len(graded)
        again = round_.applications.filter(student__in=graded).first()
        assert again is not None
        found = queue.last_survey(again.student_id, round_)
        assert found is not None
        assert found.application.round.term.code == "2025-1"
        tried = governing.trial_round(minban.school)
        assert tried is not None
        assert tried.term.code == "2025-1"


def test_what_vocational_classes_teach_is_known(walked: list[district.DemoSchool]) -> None:
    (zhizhong,) = (demo for demo in walked if demo.plan.majors)
    with acting_for(zhizhong.school):
        assert not SchoolClass.objects.filter(major="").exists()
    taught = rolls.classes_of(replace(zhizhong.plan, classes_per_grade=5))
    assert [c.agri_major for c in taught[:5]] == [False, True, False, False, True]
    assert {c.major for c in rolls.classes_of(rolls.PLANS[0])} == {""}


def test_preparing_twice_builds_one_district(db: None, small: None) -> None:
    assert accounts.prepare() == "演示区已建立。"
    count = Organisation.objects.count()
    assert accounts.prepare() == "演示区已就绪。"
    assert Organisation.objects.count() == count == 8
    assert "gaozhong-operator" in accounts.listing()
    set_scope(None)


def test_the_same_people_every_time() -> None:
    first, second = rolls.rolls(), rolls.rolls()
    assert first["minban"].pupils == second["minban"].pupils
    everybody = [p.id_number for r in first.values() for p in r.pupils]
    assert all(number.startswith("990") for number in everybody)
    # One person is on two rolls; nobody else shares a number.
    assert len(everybody) - len(set(everybody)) == 1
    assert 2900 <= len(everybody) <= 3100


def test_sample_files_are_readable(tmp_path: Path, capsys: Any) -> None:
    call_command("demo_files", str(tmp_path))
    assert "minban-名册.xlsx" in capsys.readouterr().out
    good = read_sheets((tmp_path / "minban-名册.xlsx").read_bytes(), "minban-名册.xlsx")
    assert len(good.sheets[0].rows) > 280
    assert sorted(p.name for p in sample.write(tmp_path))[0]
