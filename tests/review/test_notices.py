"""公示: what it may say, how long it is up, objections, confirmation."""

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from applications.models import Application
from audit.models import Event
from audit.refusal import Refused
from office.models import Deadline
from review import actions
from review.models import Case, Notice, NoticeLine, Objection, Recognition
from schools import clock
from schools.models import CalendarDay
from tests.cast import Cast
from tests.cast import student as pupil
from tests.review import cases

AFTER = date(2026, 9, 9)


def refusal(error: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [r.text for r in error.value.reasons]


def ready(cast: Cast) -> object:
    """A round whose meeting is confirmed."""
    cases.office_phones(cast)
    meeting = cases.decided(cast)
    actions.confirm_meeting(meeting=meeting, by=cast.reviewer)
    return meeting.round


# ------------------------------------------------------------------------------- drafting


def test_the_default_notice_says_what_schools_publish(cast: Cast) -> None:
    notice = cases.drafted(cast)
    assert notice.title == "关于2026—2027学年家庭经济困难学生认定名单的公示"
    assert "拟认定张示远等2名同学为2026—2027学年家庭经济困难学生" in notice.body
    assert (notice.phone, notice.superior_phone) == ("0000-6601301", "0000-6600012")
    assert len(notice.token) == 43


def test_a_line_has_only_whitelisted_columns(cast: Cast) -> None:
    cases.drafted(cast)
    shown = {f.name for f in NoticeLine._meta.get_fields() if f.concrete}
    assert shown == {
        "id",
        "school",
        "notice",
        "case",
        "serial",
        "grade_name",
        "class_name",
        "name",
        "result",
        "tier",
        "amount_fen",
    }
    line = NoticeLine.objects.order_by("serial")[0]
    assert (line.grade_name, line.class_name, line.tier) == ("高一", "高一（1）班", "")


def test_names_alike_in_one_class_are_told_apart_by_student_number(cast: Cast) -> None:
    first, second, _ = cast.a.students
    for student, number in ((first, "20260107"), (second, "20260118")):
        student.name, student.student_no = "张示远", number
        student.save(update_fields=["name", "student_no"])
    cases.drafted(cast)
    names = list(NoticeLine.objects.order_by("serial").values_list("name", flat=True))
    assert names == ["张示远（学号尾号07）", "张示远（学号尾号18）"]


def test_before_the_second_person_there_is_nothing_to_show(cast: Cast) -> None:
    cases.office_phones(cast)
    meeting = cases.decided(cast)
    with pytest.raises(Refused) as error:
        actions.draft_notice(round_=meeting.round, by=cast.operator)
    assert refusal(error) == ["没有可以公示的学生"]
    assert error.value.reasons[0].mend == "请审核人先确认会议审定"


def test_personal_data_in_the_words_is_refused_masked_and_all_at_once(cast: Cast) -> None:
    round_ = ready(cast)
    with pytest.raises(Refused) as error:
        actions.draft_notice(
            round_=round_,
            by=cast.operator,
            title="公示 13812345678",
            body="身份证号990101200905061231，住示范县样例乡例示村8号",
            phone="13912345678",
        )
    found = refusal(error)
    assert found[0] == "标题里有电话号码：138****5678"
    assert "正文里有身份证号：990****31" in found
    assert "联系电话里有电话号码：139****5678" in found
    assert any(text.startswith("正文里有住址") for text in found)
    assert not Notice.objects.exists()


def test_a_name_that_hides_a_number_is_found_in_the_list(cast: Cast) -> None:
    first = cast.a.students[0]
    first.name = "张示远13812345678"
    first.save(update_fields=["name"])
    round_ = ready(cast)
    with pytest.raises(Refused) as error:
        actions.draft_notice(round_=round_, by=cast.operator)
    assert "名单里有电话号码：138****5678" in refusal(error)


def test_when_the_scanner_breaks_nothing_is_published(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(readable: object) -> list[object]:
        raise RuntimeError("broken")

    round_ = ready(cast)
    monkeypatch.setattr("privacy.scanner.DETECTORS", (broken,))
    with pytest.raises(Refused) as error:
        actions.draft_notice(round_=round_, by=cast.operator)
    assert "正文没能检查，不能发布" in refusal(error)


def test_whom_to_complain_to_is_never_missing(cast: Cast) -> None:
    meeting = cases.decided(cast)
    actions.confirm_meeting(meeting=meeting, by=cast.reviewer)
    with pytest.raises(Refused) as error:
        actions.draft_notice(round_=meeting.round, by=cast.operator)
    assert refusal(error) == ["联系电话没有填写", "上级监督电话没有填写"]


def test_four_days_are_too_few_and_one_draft_is_enough(cast: Cast) -> None:
    notice = cases.drafted(cast)
    with pytest.raises(Refused) as error:
        actions.draft_notice(round_=notice.round, by=cast.operator, workdays=4)
    assert refusal(error) == [
        "公示4个工作日，少于5个工作日",
        "本批次已有一份起草的公示",
    ]


# ------------------------------------------------------------------------------ publishing


def test_the_drafter_cannot_publish(cast: Cast) -> None:
    notice = cases.drafted(cast)
    with pytest.raises(Refused) as error:
        actions.publish(notice=notice, by=cast.operator)
    assert refusal(error) == ["发布公示由审核人或分管领导办理", "不能发布公示自己经办的事"]


@pytest.mark.parametrize(
    ("today", "last"),
    [
        (date(2026, 9, 1), date(2026, 9, 8)),
        (date(2026, 9, 18), date(2026, 9, 24)),
        (date(2026, 9, 28), date(2026, 10, 10)),
    ],
)
def test_it_is_up_for_five_working_days_without_the_first(
    cast: Cast, today: date, last: date
) -> None:
    notice = cases.drafted(cast)
    with clock.at(today):
        actions.publish(notice=notice, by=cast.reviewer)
    assert Notice.objects.values_list("starts_on", "ends_on").get() == (today, last)
    assert Deadline.objects.get(key=f"notice:{notice.pk}").due_on > last


def test_beyond_the_published_calendar_it_cannot_be_published(cast: Cast) -> None:
    notice = cases.drafted(cast)
    CalendarDay.objects.filter(day__year__gte=2026).delete()
    with pytest.raises(Refused) as error:
        actions.publish(notice=notice, by=cast.reviewer)
    assert refusal(error) == ["公示截止日所在年份的放假安排还没有导入，截止日只是暂定"]


def test_a_list_that_has_changed_is_drawn_up_again_first(cast: Cast) -> None:
    notice = cases.drafted(cast)
    cast.a.students[0].name = "张示样"
    cast.a.students[0].save(update_fields=["name"])
    with pytest.raises(Refused) as error:
        actions.publish(notice=notice, by=cast.reviewer)
    assert refusal(error) == ["审定名单在起草之后有变化"]
    revised = actions.revise_notice(notice=notice, by=cast.operator)
    assert "拟认定张示样等2名同学" in revised.body
    assert actions.publish(notice=revised, by=cast.reviewer).status == "published"


def test_what_is_published_is_not_revised(cast: Cast) -> None:
    notice = cases.published(cast)
    with pytest.raises(Refused) as error:
        actions.revise_notice(notice=notice, by=cast.operator, title="另一份公示")
    assert "这份公示现在是“公示中”，不能再改" in refusal(error)


def test_a_withdrawn_notice_says_why_and_starts_over(cast: Cast) -> None:
    notice = cases.published(cast)
    with pytest.raises(Refused) as error:
        actions.withdraw_notice(notice=notice, reason="", by=cast.reviewer)
    assert refusal(error) == ["没有写撤回原因"]
    actions.withdraw_notice(notice=notice, reason="名单有误", by=cast.reviewer)
    again = actions.draft_notice(round_=notice.round, by=cast.operator)
    with clock.at(date(2026, 9, 3)):
        assert actions.publish(notice=again, by=cast.reviewer).ends_on == date(2026, 9, 10)


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("workdays = 4", "notice_five_days"),
        ("ends_on = starts_on", "notice_publish_stamp"),
        ("publish_by_id = drafted_by_id", "notice_second_person"),
        ("status = 'withdrawn'", "notice_withdrawal_explained"),
        ("status = 'confirmed'", "notice_confirm_stamp"),
    ],
)
def test_the_database_refuses_too(cast: Cast, change: str, constraint: str) -> None:
    cases.published(cast)
    with (
        pytest.raises(IntegrityError, match=constraint),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE review_notice SET {change}")


# ------------------------------------------------------------------------------ objections


def objected(notice: Notice, serial: int | None = 1) -> Objection:
    line = notice.lines.get(serial=serial) if serial else None
    return actions.object_to(notice=notice, text="家里有商铺", contact="", line=line)


def test_an_objection_is_answered_within_three_working_days(cast: Cast) -> None:
    objection = objected(cases.published(cast))
    assert objection.reply_by == date(2026, 9, 4)
    assert Event.objects.get(verb="objection.lodge").person_name == "公众"


def test_objections_end_with_the_period(cast: Cast) -> None:
    notice = cases.published(cast)
    with clock.at(AFTER), pytest.raises(Refused) as error:
        objected(notice)
    assert refusal(error) == ["公示期已结束，网上不再受理异议"]


def test_twenty_open_objections_are_enough(cast: Cast) -> None:
    notice = cases.published(cast)
    for _ in range(20):
        objected(notice, None)
    with pytest.raises(Refused) as error:
        objected(notice)
    assert refusal(error) == ["网上待处理的异议已满"]


def test_an_open_objection_holds_its_student_and_nobody_else(cast: Cast) -> None:
    notice = cases.published(cast)
    objection = objected(notice)
    with clock.at(AFTER):
        made = actions.confirm_notice(notice=notice, by=cast.reviewer)
        assert made.confirmed == 2
        assert [(r.text, r.count) for r in made.held] == [
            ("异议尚未答复，应于9月4日前答复：高一（1）班1人", 1)
        ]
        actions.answer(objection=objection, upheld=False, conclusion="已核实", by=cast.operator)
        rest = actions.confirm_notice(notice=notice, by=cast.reviewer)
        assert (rest.confirmed, rest.held) == (1, [])
        with pytest.raises(Refused) as error:
            actions.confirm_notice(notice=notice, by=cast.reviewer)
    assert refusal(error) == ["名单里没有待确认的学生"]
    assert Recognition.objects.count() == 3


def test_an_upheld_objection_goes_back_to_the_leading_group(cast: Cast) -> None:
    notice = cases.published(cast)
    objection = objected(notice)
    assert objection.line is not None
    actions.answer(objection=objection, upheld=True, conclusion="收入不实", by=cast.reviewer)
    case = Case.objects.get(pk=objection.line.case_id)
    assert case.status == "proposed"
    with clock.at(AFTER):
        assert actions.confirm_notice(notice=notice, by=cast.reviewer).confirmed == 2
        meeting = cases.convened(notice.round, cast.a)
        actions.decide(
            meeting=meeting,
            votes_for=4,
            votes_against=0,
            votes_abstain=0,
            resolution="",
            by=cast.operator,
            changes={case.pk: ("general", "按核实的收入改定")},
        )
        actions.confirm_meeting(meeting=meeting, by=cast.reviewer)
        # Decided anew: the old notice no longer stands for it, a new one must.
        with pytest.raises(Refused):
            actions.confirm_notice(notice=notice, by=cast.reviewer)
        again = actions.draft_notice(round_=notice.round, by=cast.operator)
        assert list(again.lines.values_list("case_id", flat=True)) == [case.pk]


def test_an_objection_against_nobody_in_particular_holds_everybody(cast: Cast) -> None:
    notice = cases.published(cast)
    objected(notice, None)
    with clock.at(AFTER), pytest.raises(Refused) as error:
        actions.confirm_notice(notice=notice, by=cast.reviewer)
    assert refusal(error) == ["有1条异议没有指明学生，尚未答复"]


def test_an_answer_is_given_once_and_in_words(cast: Cast) -> None:
    objection = objected(cases.published(cast))
    with pytest.raises(Refused) as error:
        actions.answer(objection=objection, upheld=False, conclusion=" ", by=cast.operator)
    assert refusal(error) == ["没有写答复"]
    actions.answer(objection=objection, upheld=False, conclusion="已核实", by=cast.operator)
    with pytest.raises(Refused) as error:
        actions.answer(objection=objection, upheld=True, conclusion="改", by=cast.operator)
    assert refusal(error) == ["现在是“异议不成立”，不能认定异议成立"]


def test_a_contact_is_shown_against_a_recorded_reason(cast: Cast) -> None:
    notice = cases.published(cast)
    objection = actions.object_to(notice=notice, text="不实", contact="热心家长", line=None)
    with pytest.raises(Refused):
        actions.reveal_contact(objection=objection, reason=" ", by=cast.operator)
    clear = actions.reveal_contact(objection=objection, reason="答复核查", by=cast.operator)
    assert clear == "热心家长"
    assert Event.objects.get(verb="objection.reveal_contact").reason == "答复核查"


# ---------------------------------------------------------------------------- confirmation


def test_the_last_day_is_still_the_publics(cast: Cast) -> None:
    notice = cases.published(cast)
    with clock.at(date(2026, 9, 8)), pytest.raises(Refused) as error:
        actions.confirm_notice(notice=notice, by=cast.reviewer)
    assert refusal(error) == ["公示期到2026年9月8日结束，现在还不能确认"]


def test_makers_do_not_confirm(cast: Cast) -> None:
    notice = cases.published(cast)
    with clock.at(AFTER), pytest.raises(Refused) as error:
        actions.confirm_notice(notice=notice, by=cast.operator)
    assert refusal(error)[0] == "公示确认由审核人或分管领导办理"


def test_who_recorded_the_decision_does_not_confirm_it(cast: Cast) -> None:
    notice = cases.published(cast)
    Case.objects.update(decide_by=cast.reviewer.person)
    with clock.at(AFTER), pytest.raises(Refused) as error:
        actions.confirm_notice(notice=notice, by=cast.reviewer)
    assert refusal(error) == ["由本人登记审定：高一（1）班3人"]
    with clock.at(AFTER):
        assert actions.confirm_notice(notice=notice, by=cast.a.leader).confirmed == 3


def test_an_application_withdrawn_meanwhile_is_held(cast: Cast) -> None:
    notice = cases.published(cast)
    first = Case.objects.order_by("pk")[0]
    Application.objects.filter(pk=first.application_id).update(status="withdrawn")
    with clock.at(AFTER):
        made = actions.confirm_notice(notice=notice, by=cast.reviewer)
    assert (made.confirmed, [r.text for r in made.held]) == (2, ["申请已撤回：高一（1）班1人"])


def test_a_new_grade_ends_the_old_one_and_overwrites_nothing(cast: Cast) -> None:
    notice = cases.published(cast)
    student = cast.a.students[0]
    case = Case.objects.get(student=student)
    old = Recognition.objects.create(
        school=cast.school,
        student=student,
        year=2026,
        grade="special",
        case=case,
        decided_by=cast.operator.person,
        confirmed_by=cast.reviewer.person,
        valid_from=date(2026, 9, 1),
    )
    with clock.at(AFTER):
        actions.confirm_notice(notice=notice, by=cast.reviewer)
    old.refresh_from_db()
    assert (old.grade, old.valid_to) == ("special", date(2026, 9, 8))
    new = Recognition.objects.get(student=student, valid_to=None)
    assert (new.grade, new.valid_from) == ("hard", AFTER)


def test_late_cases_get_a_notice_of_their_own(cast: Cast) -> None:
    notice = cases.published(cast)
    round_ = notice.round
    with clock.at(AFTER):
        actions.confirm_notice(notice=notice, by=cast.reviewer)
        late = pupil(cast.a.school_class, "赵样雨")
        cases.hand_in(round_, late, cast.head_teacher.person, income_yuan=10_000)
        actions.take_up(round_=round_, by=cast.operator)
        actions.reopen_appraisal(appraisal=round_.appraisals.get(), reason="补评", by=cast.operator)
        appraisal = round_.appraisals.get()
        case = Case.objects.get(student=late)
        actions.tally(
            appraisal=appraisal,
            case=case,
            by=cast.head_teacher,
            special=0,
            hard=9,
            general=0,
            none=0,
        )
        actions.finish_appraisal(appraisal=appraisal, by=cast.head_teacher)
        actions.propose(round_=round_, by=cast.operator)
        meeting = cases.decided(cast, round_)
        actions.confirm_meeting(meeting=meeting, by=cast.reviewer)
        second = actions.draft_notice(round_=round_, by=cast.operator)
    assert list(second.lines.values_list("name", flat=True)) == ["赵样雨"]
