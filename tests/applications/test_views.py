"""Pages: who sees what, what a form gives back, and that queries don't grow with rows."""

from collections.abc import Callable
from datetime import date
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications import actions
from applications.models import Application, HouseholdSurvey, Programme, Round
from audit.models import Event
from schools import clock
from schools.models import Appointment
from schools.roles import Role
from schools.tenancy import set_scope
from students.models import Guardian, SpecialGroup, SpecialGroupTag
from tests import cast as people
from tests.applications import scenes
from tests.cast import Cast

SignIn = Callable[[Appointment], Client]


@pytest.fixture
def sign_in(sign_in: SignIn, cast: Cast) -> SignIn:
    """After each answer the test looks into the database of school A again."""

    def enter(appointment: Appointment) -> Client:
        client = sign_in(appointment)
        ask = type(client).request

        def request(**asked: Any) -> Any:
            answer = ask(client, **asked)
            set_scope(cast.school.pk)
            return answer

        client.request = request  # type: ignore[method-assign]
        return client

    return enter


def at(name: str, *args: int) -> str:
    return reverse(f"applications:{name}", args=args)


def form(**changes: str) -> dict[str, str]:
    return {
        "members-TOTAL_FORMS": "2",
        "members-INITIAL_FORMS": "0",
        "members-0-name": "张样泽",
        "members-0-relation": "父亲",
        "members-0-age": "43",
        "members-0-annual_income": "32000.50",
        "members-0-health": "健康",
        "members-1-health": "健康",
        "students_in_family": "1",
        "reason": "父母务工",
        "committed_by": "张样泽",
        "committed_on": "2026-09-01",
        "identity_paper": "hukou",
        **changes,
    }


def test_opening_a_round_says_what_it_will_do(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.operator)
    assert "开认定批次" in client.get(at("rounds")).text
    page = client.get(at("open_round")).text
    assert "将接受" in page
    told = {"opens_on": "2026-09-01", "workdays": "5"}
    answer = client.post(at("open_round"), told, follow=True)
    assert answer.redirect_chain[0][0] == at("round", Round.objects.get().pk)
    assert "9月8日截止" in answer.text
    again = client.post(at("open_round"), told)
    assert again.status_code == 409
    assert "的认定批次已经开了" in again.text
    assert "去原批次" in client.get(at("open_round")).text


def test_amounts_of_the_programme_are_shown(cast: Cast, sign_in: SignIn) -> None:
    page = sign_in(cast.reviewer).get(at("rounds")).text
    assert "1,600.00" in page
    assert "中等职业学校国家助学金" not in page
    assert "312.50" in sign_in(cast.reviewer).get(at("rounds"), {"all": "1"}).text


def test_nonsense_in_the_address(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.operator)
    assert client.get(at("open_round"), {"programme": "x"}).status_code == 404
    assert client.get(at("open_round"), {"programme": "999999"}).status_code == 404
    odd = {"class": "x", "status": "?", "round": "-1", "page": "zzz", "sort": "--"}
    assert client.get(at("entries"), odd).status_code == 200


def test_a_head_teacher_enters_checks_and_hands_in(
    cast: Cast, round_: Round, sign_in: SignIn
) -> None:
    student = cast.a.students[0]
    Guardian.objects.create(school=cast.school, student=student, name="张样泽", relation="父亲")
    client = sign_in(cast.head_teacher)
    assert student.name in client.get(at("choose_student", round_.pk)).text
    page = client.get(at("enter", round_.pk, student.pk)).text
    assert 'value="张样泽"' in page
    answer = client.post(at("enter", round_.pk, student.pk), form())
    application = Application.objects.get()
    assert answer.headers["Location"] == at("check", application.pk)
    check = client.get(at("check", application.pk)).text
    assert "32,000.50" in check
    assert "提交申请" in check
    done = client.post(at("check", application.pk), follow=True)
    assert "接下来由班级评议" in done.text
    # The second click finds it handed in already.
    assert client.post(at("check", application.pk)).status_code == 409
    back = client.get(at("check", application.pk))
    assert back.headers["Location"] == at("application", application.pk)


def test_one_more_row_needs_no_script_and_judges_nothing(
    cast: Cast, round_: Round, sign_in: SignIn
) -> None:
    url = at("enter", round_.pk, cast.a.students[0].pk)
    typed = form(add_member="1", **{"members-0-age": "四十", "members-1-name": "刘样可"})
    answer = sign_in(cast.head_teacher).post(url, typed)
    assert answer.status_code == 200
    assert 'name="members-2-name"' in answer.text
    assert 'value="四十"' in answer.text
    assert "有1处需要改" not in answer.text.replace('<span class="nb">', "").replace("</span>", "")
    assert Application.objects.count() == 0


def test_errors_keep_what_was_typed(cast: Cast, round_: Round, sign_in: SignIn) -> None:
    url = at("enter", round_.pk, cast.a.students[0].pk)
    client = sign_in(cast.head_teacher)
    answer = client.post(url, form(**{"members-0-annual_income": "不知道", "reason": "理由甲"}))
    assert answer.status_code == 422
    assert "请填数字，例如32000" in answer.text
    assert "理由甲" in answer.text
    answer = client.post(url, form(committed_on="2026-09-02"))
    assert answer.status_code == 422
    assert "承诺日期在今天之后" in answer.text
    assert Application.objects.count() == 0


def test_a_row_marked_for_removal_is_nobody(cast: Cast, round_: Round, sign_in: SignIn) -> None:
    url = at("enter", round_.pk, cast.a.students[0].pk)
    sign_in(cast.operator).post(url, form(**{"members-0-DELETE": "on", "later": "1"}))
    assert HouseholdSurvey.objects.get().members.count() == 0


def test_editing_never_shows_sealed_facts(cast: Cast, round_: Round, sign_in: SignIn) -> None:
    application = scenes.entered(round_, cast.a.students[0], cast.head_teacher)
    client = sign_in(cast.head_teacher)
    page = client.get(at("edit", application.pk)).text
    assert "13900000000" not in page
    assert "139****0000" in page
    client.post(at("edit", application.pk), form(phone="", later="1"))
    survey = HouseholdSurvey.objects.get()
    assert (survey.phone.reveal(), survey.annual_income_fen) == ("13900000000", 3_200_050)


def test_the_household_is_read_for_a_reason(cast: Cast, round_: Round, sign_in: SignIn) -> None:
    application = scenes.handed_in(round_, cast.a.students[0], cast.head_teacher)
    url = at("survey", application.pk)
    client = sign_in(cast.reviewer)
    assert "13900000000" not in client.get(url).text
    assert client.post(url, {"reason": " "}).status_code == 422
    assert not Event.objects.filter(verb="application.read_household").exists()
    page = client.post(url, {"reason": "核实"})
    assert "13900000000" in page.text
    assert Event.objects.get(verb="application.read_household").reason == "核实"
    assert sign_in(cast.a.finance).get(url).status_code == 403
    assert sign_in(cast.a.committee).post(url, {"reason": "看"}).status_code == 403


def test_lists_and_pages_show_no_household(cast: Cast, round_: Round, sign_in: SignIn) -> None:
    application = scenes.handed_in(round_, cast.a.students[0], cast.head_teacher)
    client = sign_in(cast.a.committee)
    for url in (at("entries"), at("application", application.pk), at("round", round_.pk)):
        text = client.get(url).text
        assert "张样泽" not in text or url == at("application", application.pk)
        assert "示范镇" not in text
        assert "13900000000" not in text


@pytest.mark.parametrize("name", ["application", "edit", "check", "survey"])
def test_another_class_and_another_school_are_not_found(
    cast: Cast, round_: Round, sign_in: SignIn, name: str
) -> None:
    application = scenes.entered(round_, cast.a.students[0], cast.head_teacher)
    stranger = people.appoint("另一班主任", cast.school, Role.HEAD_TEACHER, "teacher-2")
    for who in (stranger, cast.b.operator, cast.c.operator):
        assert sign_in(who).get(at(name, application.pk)).status_code == 404


def test_a_head_teacher_sees_the_led_class_only(cast: Cast, round_: Round, sign_in: SignIn) -> None:
    other = people.school_class(
        cast.school, people.appoint("二班主任", cast.school, Role.HEAD_TEACHER, "t-2"), 2
    )
    student = people.student(other, "赵例明")
    scenes.handed_in(round_, student, cast.operator)
    client = sign_in(cast.head_teacher)
    assert "赵例明" not in client.get(at("entries")).text
    page = client.get(at("round", round_.pk)).text
    assert "高一（2）班" not in page
    assert client.get(at("enter", round_.pk, student.pk)).status_code == 404


def test_returning_and_letting_in_late(cast: Cast, round_: Round, sign_in: SignIn) -> None:
    application = scenes.handed_in(round_, cast.a.students[0], cast.head_teacher)
    page = sign_in(cast.reviewer).post(
        at("send_back", application.pk), {"reason": "补签"}, follow=True
    )
    assert "补签" in page.text
    draft = scenes.entered(round_, cast.a.students[1], cast.head_teacher)
    with clock.at(date(2026, 9, 9)):
        teacher = sign_in(cast.head_teacher)
        assert "请审核人同意" in teacher.get(at("check", draft.pk)).text
        assert teacher.post(at("check", draft.pk)).status_code == 409
        teacher.post(at("explain_late", draft.pk), {"reason": "住院"})
        reviewer = sign_in(cast.reviewer)
        assert "李样宁" in reviewer.get(at("entries"), {"late": "1"}).text
        assert "住院" in reviewer.get(at("application", draft.pk)).text
        reviewer.post(at("allow_late", draft.pk), {"reason": "住院"})
        done = sign_in(cast.head_teacher).post(at("check", draft.pk), follow=True)
    assert "已提交李样宁的申请" in done.text


def test_many_are_applied_for_by_picking_or_all(cast: Cast, sign_in: SignIn) -> None:
    round_ = actions.open_programme_round(
        school=cast.school,
        term=cast.term,
        programme=Programme.objects.get(code="senior_grant"),
        by=cast.operator,
    )
    client = sign_in(cast.operator)
    url = at("many", round_.pk)
    assert "没有选中学生" in client.post(url, follow=True).text
    picked = [cast.a.students[0].pk, cast.b.students[0].pk]
    assert "已为1人提交申请" in client.post(url, {"pick": picked}, follow=True).text
    assert "已为2人提交申请" in client.post(url, {"all": "1"}, follow=True).text
    assert Application.objects.count() == 3


def test_the_export_is_what_is_shown(cast: Cast, round_: Round, sign_in: SignIn) -> None:
    for student in cast.a.students[:2]:
        scenes.handed_in(round_, student, cast.head_teacher)
    scenes.entered(round_, cast.a.students[2], cast.head_teacher)
    answer = sign_in(cast.operator).post(at("export"), {"status": "submitted", "sort": "number"})
    sheet = openpyxl.load_workbook(BytesIO(answer.content)).active
    assert sheet is not None
    names = [row[1] for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert names == ["张示远", "李样宁"]
    assert Event.objects.get(verb="application.export").facts == {"rows": 2}


def test_students_on_a_list_without_an_application_stand_out(
    cast: Cast, round_: Round, sign_in: SignIn
) -> None:
    SpecialGroupTag.objects.create(
        school=cast.school,
        student=cast.a.students[2],
        group=SpecialGroup.objects.get(code="dibao"),
        source="名单",
        valid_from=date(2026, 1, 1),
        recorded_at=clock.now(),
    )
    client = sign_in(cast.head_teacher)
    page = client.get(at("choose_student", round_.pk), {"listed": "1"}).text
    assert "王例清" in page
    assert "张示远" not in page
    # Which list it is stays with the office.
    assert "低保" not in page
    assert "名单内未申请" in client.get(at("round", round_.pk)).text


def test_closing_and_reopening(cast: Cast, round_: Round, sign_in: SignIn) -> None:
    client = sign_in(cast.operator)
    assert client.post(at("close_round", round_.pk)).status_code == 409
    with clock.at(date(2026, 9, 9)):
        assert "办结后不再接受申请" in client.get(at("round", round_.pk)).text
        assert "已办结" in client.post(at("close_round", round_.pk), follow=True).text
        assert client.get(at("choose_student", round_.pk)).text.count("已办结")
        page = client.post(at("reopen_round", round_.pk), {"reason": "补办"}, follow=True)
    assert "已重新打开" in page.text


@pytest.mark.parametrize("page", ["rounds", "round", "entries", "choose_student", "application"])
def test_queries_do_not_grow_with_rows(
    cast: Cast, round_: Round, sign_in: SignIn, page: str
) -> None:
    first = scenes.handed_in(round_, cast.a.students[0], cast.head_teacher)
    args = {"round": [round_.pk], "choose_student": [round_.pk], "application": [first.pk]}
    client = sign_in(cast.operator)
    url = at(page, *args.get(page, []))

    def queries() -> int:
        with CaptureQueriesContext(connection) as counted:
            assert client.get(url).status_code == 200
        return len(counted)

    queries()
    few = queries()
    grow(cast, round_)
    assert queries() == few


def grow(cast: Cast, round_: Round) -> None:
    for n in range(2, 8):
        teacher = people.appoint(f"班主任{n}", cast.school, Role.HEAD_TEACHER, f"t-{n}")
        its_class = people.school_class(cast.school, teacher, n)
        for i in range(8):
            student = people.student(its_class, f"学生{n}{i}")
            if i < 5:
                scenes.handed_in(round_, student, teacher)


def test_every_answer_is_private(cast: Cast, round_: Round, sign_in: SignIn) -> None:
    application = scenes.handed_in(round_, cast.a.students[0], cast.head_teacher)
    answer: Any = sign_in(cast.operator).post(at("survey", application.pk), {"reason": "核实"})
    assert "no-store" in answer.headers.get("Cache-Control", "")


def test_before_anything_is_typed_nothing_is_called_unsaved(
    cast: Cast, round_: Round, sign_in: SignIn
) -> None:
    client, student = sign_in(cast.operator), cast.a.students[0]
    student.status = "suspended"
    student.save()
    page = client.get(at("enter", round_.pk, student.pk)).text
    assert "现在不能录入" in page
    assert "没有保存" not in page
    page = client.post(at("enter", round_.pk, student.pk), form()).text
    assert "没有保存" in page
    assert "现在不能录入" not in page
