"""公示: what it may say, who publishes it, how long it is up."""

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from applications.models import Round
from audit.refusal import Refused
from office.models import Deadline
from review import actions
from review.models import Notice, NoticeLine
from schools import clock
from schools.models import CalendarDay
from tests.cast import Cast
from tests.review import cases

AFTER = date(2026, 9, 9)


def refusal(error: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [r.text for r in error.value.reasons]


def ready(cast: Cast) -> Round:
    """A round whose meeting is confirmed."""
    cases.office_phones(cast)
    meeting = cases.decided(cast)
    actions.confirm_meeting(meeting=meeting, by=cast.reviewer)
    round_: Round = meeting.round
    return round_


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
