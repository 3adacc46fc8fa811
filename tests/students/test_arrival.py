"""到校日期: however late a transfer is answered, each month is one school's to pay."""

import json
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from audit.refusal import Refused
from schools import clock
from schools.models import Stage
from schools.scope import acting_for
from students.actions import (
    accept_transfer,
    add_class,
    change_enrolment,
    decline_transfer,
    propose_transfer,
    sign_transfer,
)
from students.models import EnrolmentChange, SchoolClass, Student, Transfer
from students.newcomers import incomplete, newcomers_of
from students.rules.enrolment import absences_of, money_words
from students.rules.transfer import why_not_arrive, why_not_there
from students.stages import stages_of
from students.transfer_queue import with_words
from tests.cast import Cast, student

LEFT, CAME, LATE = date(2027, 3, 10), date(2027, 4, 2), date(2027, 6, 25)
IN = "transfer_in"


@pytest.fixture
def made(cast: Cast) -> Transfer:
    """A student who left A in March, whom B has not answered yet in June."""
    with clock.at(clock.office_opens(LEFT)):
        row = propose_transfer(
            student=cast.a.students[0], to_school=cast.b.school, on=LEFT, reason="迁居",
            by=cast.operator,
        )  # fmt: skip
        signed: Transfer = sign_transfer(transfer=row, by=cast.reviewer)
    return signed


def accept(cast: Cast, made: Transfer, on: date | None = None, **changed: Any) -> Student:
    to: dict[str, Any] = {
        "transfer": made, "school": cast.b.school, "to_class": cast.b.school_class,
        "by": cast.b.operator,
    }  # fmt: skip
    with clock.at(clock.office_opens(LATE)), acting_for(cast.b.school):
        return accept_transfer(**to | changed, on=on)


@pytest.mark.parametrize(("on", "came"), [(None, LEFT), (CAME, CAME), (LATE, LATE)])
def test_he_is_there_since_the_day_he_came(
    cast: Cast, made: Transfer, on: date | None, came: date
) -> None:
    taken = accept(cast, made, on)
    with acting_for(cast.b.school):
        assert Student.objects.get(pk=taken.pk).entered_on == came
        change = EnrolmentChange.objects.get(student=taken)
        assert (change.on, change.left_other_on) == (came, LEFT)
        (away,) = absences_of([(change.kind, change.on)], taken.entered_on)
        assert away.back == came


def test_no_month_is_lost_and_none_is_paid_twice(cast: Cast, made: Transfer) -> None:
    gone = EnrolmentChange.objects.get(student=cast.a.students[0])
    assert money_words(gone.kind, gone.on).endswith("从2027年4月起停发")
    for on, said in (
        (LEFT, "按月发放的资助2027年3月由转出学校发，本校从2027年4月起续发"),
        (date(2027, 3, 31), "按月发放的资助2027年3月由转出学校发，本校从2027年4月起续发"),
        (date(2027, 4, 1), "按月发放的资助从2027年4月起续发"),
        (LATE, "按月发放的资助从2027年6月起续发"),
    ):
        assert money_words(IN, on, LEFT) == said
    first = date(2027, 3, 1)
    assert money_words("transfer_out", first).endswith("从2027年3月起停发")
    assert money_words(IN, first, first) == "按月发放的资助从2027年3月起续发"
    assert money_words(IN, date(2027, 12, 31), date(2027, 12, 2)).endswith("从2028年1月起续发")
    assert money_words(IN, LEFT) == "按月发放的资助从2027年3月起续发"


def suspended(cast: Cast) -> Transfer:
    """Suspended in February, signed in March."""
    with clock.at(clock.office_opens(LEFT)):
        change_enrolment(
            student=cast.a.students[0], kind="suspend", on=date(2027, 2, 20), reason="因病",
            by=cast.operator,
        )  # fmt: skip
        fresh = Student.objects.get(pk=cast.a.students[0].pk)
        row = propose_transfer(
            student=fresh, to_school=cast.b.school, on=LEFT, reason="迁居", by=cast.operator
        )
        signed: Transfer = sign_transfer(transfer=row, by=cast.reviewer)
    return signed


def test_the_month_of_who_was_suspended_before_is_the_receivers(cast: Cast) -> None:
    signed = suspended(cast)
    assert signed.away_since == date(2027, 2, 20)
    taken = accept(cast, signed)
    with acting_for(cast.b.school):
        change = EnrolmentChange.objects.get(student=taken)
        (told,) = with_words([change], cast.b.school)
    assert told == (change, "按月发放的资助从2027年3月起续发")
    assert change.left_other_on == LEFT


def test_who_came_back_before_he_left_was_not_away(cast: Cast) -> None:
    with clock.at(clock.office_opens(LEFT)):
        for kind, on in (("suspend", date(2027, 2, 20)), ("resume", date(2027, 3, 1))):
            fresh = Student.objects.get(pk=cast.a.students[0].pk)
            change_enrolment(student=fresh, kind=kind, on=on, reason="因病", by=cast.operator)
        fresh = Student.objects.get(pk=cast.a.students[0].pk)
        row = propose_transfer(
            student=fresh, to_school=cast.b.school, on=LEFT, reason="迁居", by=cast.operator
        )
        signed: Transfer = sign_transfer(transfer=row, by=cast.reviewer)
    assert signed.away_since is None


def test_one_who_was_here_before_was_suspended_there(cast: Cast, made: Transfer) -> None:
    away = accept(cast, made, LEFT)
    with clock.at(clock.office_opens(LATE)):
        with acting_for(cast.b.school):
            change_enrolment(
                student=away, kind="suspend", on=CAME, reason="因病", by=cast.b.operator
            )
            back = propose_transfer(
                student=Student.objects.get(pk=away.pk), to_school=cast.school,
                on=date(2027, 5, 4), reason="迁回", by=cast.b.operator,
            )  # fmt: skip
            sign_transfer(transfer=back, by=cast.b.reviewer)
        again = accept_transfer(
            transfer=back, school=cast.school, to_class=cast.a.school_class, by=cast.operator
        )
    change = EnrolmentChange.objects.filter(student=again).latest("pk")
    assert change.left_other_on == date(2027, 5, 4)
    ((_, words),) = with_words([change], cast.school)
    assert words.endswith("从2027年5月起续发")


def test_the_database_keeps_the_absence_before_the_leaving(cast: Cast, made: Transfer) -> None:
    with clock.at(clock.office_opens(LEFT)):
        row = propose_transfer(
            student=cast.a.students[1], to_school=cast.b.school, on=LEFT, reason="迁居",
            by=cast.operator,
        )  # fmt: skip
        gone = cast.a.students[1]
        rests = change_enrolment(
            student=gone, kind="suspend", on=LEFT, reason="因病", by=cast.operator
        )
        change_enrolment(
            student=Student.objects.get(pk=gone.pk), kind="transfer_out", on=LEFT, reason="迁居",
            by=cast.operator,
        )  # fmt: skip
        sign = {"status": "signed", "sign_at": clock.now(), "sign_by": cast.reviewer.person}
    # As an older program may have it on record.
    EnrolmentChange.objects.filter(pk=rests.pk).update(on=CAME)
    with pytest.raises(IntegrityError, match="transfer_away"), transaction.atomic():
        Transfer.objects.filter(pk=row.pk).update(**sign, away_since=CAME)


def test_the_receiver_sees_that_he_was_suspended(cast: Cast, sign_in: Any) -> None:
    url = reverse("students:transfers")
    suspended(cast)
    assert "2027年2月20日起休学" in sign_in(cast.b.operator).get(url).content.decode()


@pytest.mark.parametrize(
    ("on", "text"),
    [
        (date(2027, 3, 9), "到校日期早于转出日期2027年3月10日"),
        (date(2027, 6, 26), "到校日期晚于今天"),
    ],
)
def test_no_day_on_which_he_cannot_have_come(
    cast: Cast, made: Transfer, on: date, text: str
) -> None:
    with pytest.raises(Refused) as refused:
        accept(cast, made, on)
    assert [r.text for r in refused.value.reasons] == [text]
    assert all(r.mend for r in refused.value.reasons)
    assert Transfer.objects.get().status == "signed"


def test_one_who_was_here_before_comes_back_on_that_day(cast: Cast, made: Transfer) -> None:
    away = accept(cast, made, LEFT)
    with clock.at(clock.office_opens(LATE)):
        with acting_for(cast.b.school):
            back = propose_transfer(
                student=away, to_school=cast.school, on=CAME, reason="迁回", by=cast.b.operator
            )
            sign_transfer(transfer=back, by=cast.b.reviewer)
        again = accept_transfer(
            transfer=back, school=cast.school, to_class=cast.a.school_class, by=cast.operator,
            on=date(2027, 5, 4),
        )  # fmt: skip
    change = EnrolmentChange.objects.filter(student=again).latest("pk")
    assert (change.kind, change.on, change.left_other_on) == (IN, date(2027, 5, 4), CAME)
    assert Student.objects.get(pk=again.pk).entered_on == date(2026, 9, 1)


def test_the_file_is_due_since_he_came(cast: Cast, made: Transfer) -> None:
    taken = accept(cast, made, date(2027, 6, 1))
    with acting_for(cast.b.school):
        Student.objects.filter(pk=taken.pk).update(ethnicity="")
        rows = incomplete(Student.objects.for_school(cast.b.school), LATE)
        found = {one.student.pk: one.since for one in newcomers_of(rows)}
    assert found[taken.pk] == date(2027, 6, 1)


def test_the_database_keeps_that_day_for_transfers_in(cast: Cast, made: Transfer) -> None:
    rows = EnrolmentChange.objects.filter(student=cast.a.students[0])
    with pytest.raises(IntegrityError, match="change_left_other"), transaction.atomic():
        rows.update(left_other_on=LEFT)
    with pytest.raises(IntegrityError, match="change_left_other"), transaction.atomic():
        rows.update(kind=IN, left_other_on=CAME)


# --- stages


@pytest.mark.parametrize(
    ("mine", "school", "stages", "taken"),
    [
        ("senior", "primary", set(), False),
        ("senior", "junior", {"junior", "senior"}, True),
        ("senior", "senior", set(), True),
        ("senior", "vocational", set(), True),
        ("vocational", "junior", {"senior"}, True),
        ("junior", "senior", {"senior", "vocational"}, False),
    ],
)
def test_only_where_his_stage_is_taught(
    cast: Cast, mine: str, school: str, stages: set[str], taken: bool
) -> None:
    row = Student(name="张示远", school_class=SchoolClass(stage=mine))
    cast.b.school.stage = school
    reasons = why_not_there(student=row, to_school=cast.b.school, stages=stages)
    assert bool(reasons) is not taken
    assert all(f"没有{Stage(mine).label}的班级" in r.text and r.mend for r in reasons)


def test_a_primary_school_is_not_proposed_for_a_senior_student(cast: Cast) -> None:
    school = cast.c.school
    type(school).objects.filter(pk=school.pk).update(stage="primary")
    school.refresh_from_db()
    told: dict[str, Any] = {
        "student": cast.a.students[0], "to_school": school, "on": date(2026, 9, 1),
        "reason": "迁居", "by": cast.operator,
    }  # fmt: skip
    with acting_for(school):
        SchoolClass.objects.filter(pk=cast.c.school_class.pk).update(stage="primary")
    with pytest.raises(Refused, match="没有普通高中的班级"):
        propose_transfer(**told)
    with acting_for(school):
        add_class(
            school=school, stage="senior", grade=1, number=1, name="高一（9）班",
            by=cast.c.operator,
        )  # fmt: skip
    assert propose_transfer(**told).status == "proposed"


def test_what_stages_a_school_teaches_is_told_and_nothing_else(cast: Cast) -> None:
    with acting_for(cast.b.school):
        gone = add_class(
            school=cast.b.school, stage="junior", grade=3, number=1, name="九年级（1）班",
            by=cast.b.operator,
        )  # fmt: skip
        SchoolClass.objects.filter(pk=gone.pk).update(closed_on=LEFT)
    assert stages_of(cast.b.school) == {"vocational"}
    assert not SchoolClass.objects.filter(school_id=cast.b.school.pk).exists()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT prosecdef, proconfig, pg_get_userbyid(proowner) <> current_user"
            " FROM pg_proc WHERE proname = 'aid_stages_of'"
        )
        assert cursor.fetchall() == [(True, ["search_path=pg_catalog, public, pg_temp"], True)]


def test_into_a_class_of_his_stage_alone(cast: Cast, made: Transfer) -> None:
    assert json.loads(made.papers.reveal())["stage"] == "senior"
    with acting_for(cast.b.school):
        low = add_class(
            school=cast.b.school, stage="junior", grade=1, number=1, name="七年级（1）班",
            by=cast.b.operator,
        )  # fmt: skip
    with pytest.raises(Refused, match="张示远在原校读普通高中，七年级（1）班不是这一学段的班级"):
        accept(cast, made, to_class=low)
    untold = why_not_arrive(transfer=made, on=LEFT, today=LATE, stage="", to_class=low)
    assert untold == [], "papers of before the stage was told"
    accept(cast, made)


# --- the page


def test_the_page_asks_for_the_day_and_says_who_pays(
    cast: Cast, sign_in: Any, made: Transfer
) -> None:
    with clock.at(clock.office_opens(LATE)), acting_for(cast.b.school):
        client = sign_in(cast.b.operator)
        shown = client.get(reverse("students:transfers")).content.decode()
        assert 'name="on" value="2027-03-10" min="2027-03-10" max="2027-06-25"' in shown
        answer = {"transfer": made.pk, "to_class": cast.b.school_class.pk, "on": "2027-03-20"}
        done = client.post(reverse("students:transfer_accept"), answer, follow=True)
        text = done.content.decode()
    assert "2027年3月由转出学校发，本校从2027年4月起续发" in text.replace(
        '<span class="nb">', ""
    ).replace("</span>", "")
    assert Transfer.objects.get().status == "accepted"


def test_the_page_says_why_it_does_nothing(cast: Cast, sign_in: Any, made: Transfer) -> None:
    def said(name: str, **posted: Any) -> str:
        answer = client.post(reverse(f"students:transfer_{name}"), posted)
        assert answer.status_code == 409
        return str(answer.content.decode())

    other = propose_transfer(
        student=cast.a.students[1], to_school=cast.b.school, on=date(2026, 9, 1),
        reason="迁居", by=cast.operator,
    )  # fmt: skip
    with clock.at(clock.office_opens(LATE)), acting_for(cast.b.school):
        client = sign_in(cast.b.operator)
        home = cast.b.school_class.pk
        text = said("accept", transfer=made.pk, to_class=cast.a.school_class.pk, on="2027-03-10")
        assert "不是本校现有的班级" in text
        text = said("accept", transfer=made.pk)
        assert "还没有选择进入的班级" in text
        assert "还没有填到校日期" in text
        text = said("accept", transfer=other.pk, to_class=home, on="2027-03-10")
        assert "还没有审核" in text
        assert "还没有审核" in said("decline", transfer=other.pk, reason="没有学位")
        assert "早于转出日期" in said("accept", transfer=made.pk, to_class=home, on="2027-03-09")
    client = sign_in(cast.operator)
    assert "刷新页面" in said("withdraw", transfer=0)
    client = sign_in(cast.reviewer)
    assert "没有指明" in said("sign")
    assert Transfer.objects.get(pk=made.pk).status == "signed"


def test_the_students_page_says_it_too(cast: Cast, sign_in: Any) -> None:
    row = student(cast.a.school_class, "转示安", entered_on=LEFT)
    EnrolmentChange.objects.create(
        school=cast.school, student=row, kind=IN, on=LEFT, left_other_on=LEFT,
        recorded_by=cast.operator.person, recorded_at=clock.now(),
    )  # fmt: skip
    client = sign_in(cast.operator)
    for address in (
        reverse("students:student", kwargs={"student_id": row.pk}),
        reverse("students:changes"),
    ):
        assert "3月由转出学校发" in client.get(address).content.decode()


def test_who_is_sent_back_and_never_went_loses_no_month(
    cast: Cast, sign_in: Any, made: Transfer
) -> None:
    row = cast.a.students[0]
    with clock.at(clock.office_opens(LATE)):
        with acting_for(cast.b.school):
            decline_transfer(
                transfer=made, school=cast.b.school, reason="没有学位", by=cast.b.operator
            )
        shown = sign_in(cast.operator).get(reverse("students:transfers")).content.decode()
        assert "按月的资助就不中断" in shown
        change_enrolment(student=row, kind=IN, on=LEFT, reason="对方退回", by=cast.operator)
    told = EnrolmentChange.objects.filter(student=row).order_by("pk").values_list("kind", "on")
    away = absences_of(told, row.entered_on)[1]
    for day in (date(2027, 3, 1), LEFT, date(2027, 4, 1)):
        assert not away.covers(day, date(2027, 4, 30))
