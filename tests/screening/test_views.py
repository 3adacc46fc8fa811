"""The pages: who sees what, what a click does, and how many queries it takes."""

import re
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import Event
from office.models import Job
from schools.models import Appointment
from schools.scope import acting_for
from screening import actions
from screening.models import Screening, ScreeningRow
from students.models import SchoolClass
from tests.cast import Cast, school_class, student
from tests.screening import factories as make
from tests.screening.steps import at, difficult, finish, opened, row_of, verified

INDEX = "/screening/"


def queries(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as found:
        assert client.get(url).status_code == 200
    return len(found)


def page(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, answer.content[:400]
    return plain(answer)


def plain(answer: Any) -> str:
    """The page without the spans that keep figures with their units."""
    return re.sub(r'<span class="nb">(.*?)</span>', r"\1", answer.content.decode())


def test_the_operator_begins_a_term_and_sees_what_is_owed(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.operator)
    assert "排查还没有开始" in page(client, INDEX)
    answer = client.post(reverse("screening:open"), follow=True)
    text = plain(answer)
    assert "排查名单共3人" in text
    assert "12月15日前签字报送" in text
    assert "高一（1）班（班主任a）" in text


@pytest.mark.parametrize("name", ["reviewer", "leader", "finance", "committee"])
def test_others_of_the_office_only_look(cast: Cast, sign_in: Any, name: str) -> None:
    opened(cast)
    by: Appointment = getattr(cast.a, name)
    client = sign_in(by)
    assert "各班核实进度" in page(client, INDEX)
    assert client.post(reverse("screening:open")).status_code == 403
    assert client.post(reverse("screening:fill", args=[1])).status_code == 403


def test_a_head_teacher_goes_straight_to_the_only_class(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.head_teacher)
    assert "排查还没有开始" in page(client, INDEX)
    opened(cast)
    answer = client.get(INDEX)
    assert answer.url == reverse("screening:class", args=[cast.a.school_class.pk])
    school_class(cast.school, cast.head_teacher, 2)
    assert "高一（1）班" in page(client, INDEX)


def test_one_tap_verifies_an_ordinary_student(cast: Cast, sign_in: Any) -> None:
    screening = opened(cast)
    row = row_of(screening, cast.a.students[0])
    client = sign_in(cast.head_teacher)
    answer = client.post(reverse("screening:row", args=[row.pk]), {"result": "not_difficult"})
    assert answer.status_code == 302
    row.refresh_from_db()
    assert (row.result, row.checked_by) == ("not_difficult", cast.head_teacher.person)
    again = client.post(reverse("screening:row", args=[row.pk]), {"result": "not_difficult"})
    assert again.status_code == 302, "a second tap does no harm"


def test_a_contradiction_is_a_page_with_the_reason(cast: Cast, sign_in: Any) -> None:
    make.tag(cast.a.students[0], make.group(1))
    row = row_of(opened(cast), cast.a.students[0])
    client = sign_in(cast.head_teacher)
    answer = client.post(reverse("screening:row", args=[row.pk]), {"result": "not_difficult"})
    assert answer.status_code == 409
    assert "在部门提供的特殊群体名单中" in plain(answer)


def test_the_unaided_form_keeps_what_was_typed_and_links_each_field(
    cast: Cast, sign_in: Any
) -> None:
    make.tag(cast.a.students[0], make.group(1))
    row = row_of(opened(cast), cast.a.students[0])
    client = sign_in(cast.head_teacher)
    url = reverse("screening:row", args=[row.pk])
    assert "建档立卡学生" in page(client, url)
    answer = client.post(url, {"result": "unaided", "reason": "名单本学期新增"})
    text = plain(answer)
    assert answer.status_code == 200
    assert 'value="名单本学期新增"' in text
    assert "请写明解决措施" in text
    done = client.post(
        url,
        {
            "result": "unaided",
            "reason": "名单本学期新增",
            "measure": "补办认定申请",
            "measure_due_on": "2026-12-31",
        },
        follow=True,
    )
    assert "补办认定申请，12月31日前" in plain(done)


def test_the_rest_in_one_go(cast: Cast, sign_in: Any) -> None:
    make.tag(cast.a.students[0], make.group(1))
    opened(cast)
    client = sign_in(cast.head_teacher)
    url = reverse("screening:class", args=[cast.a.school_class.pk])
    assert "其余2人全部核实" in page(client, url)
    answer = client.post(reverse("screening:rest", args=[cast.a.school_class.pk]), follow=True)
    assert "已核实2人" in plain(answer)
    assert ScreeningRow.objects.filter(result="").count() == 1
    assert 'aria-label="2/3"' in page(client, url), "the bar shows how far the class is"


def test_another_teachers_class_and_another_school_are_not_there(cast: Cast, sign_in: Any) -> None:
    opened(cast)
    other = SchoolClass.objects.create(
        school=cast.school, stage="senior", grade=1, number=9, name="高一（9）班"
    )
    row = ScreeningRow.objects.create(
        school=cast.school,
        screening=Screening.objects.get(),
        student=student(other, "赵示安"),
        school_class=other,
    )
    client = sign_in(cast.head_teacher)
    assert client.get(reverse("screening:class", args=[other.pk])).status_code == 404
    assert client.post(reverse("screening:rest", args=[other.pk])).status_code == 404
    assert client.get(reverse("screening:row", args=[row.pk])).status_code == 404
    stranger = sign_in(cast.b.operator)
    screening = Screening.objects.get()
    assert stranger.get(reverse("screening:fill", args=[screening.pk])).status_code == 404
    assert stranger.get(reverse("screening:class", args=[other.pk])).status_code == 404


def test_filling_in_shows_reasons_then_freezes(cast: Cast, sign_in: Any) -> None:
    screening = opened(cast)
    client = sign_in(cast.operator)
    url = reverse("screening:fill", args=[screening.pk])
    assert "高一（1）班还有3人没有核实" in page(client, url)
    assert client.post(url, {"full_coverage": ""}).status_code == 409
    actions.verify_rest(screening=screening, school_class=cast.a.school_class, by=cast.head_teacher)
    assert "没有核实" not in page(client, url)
    wrong = client.post(url, {"full_coverage": "no"})
    assert "选“否”的，要写具体原因及整改措施" in plain(wrong)
    done = client.post(url, {"full_coverage": "yes"}, follow=True)
    assert "等待审核人审核" in plain(done)
    assert Screening.objects.get().status == "filled"


def test_review_sign_and_send_back_from_the_page(cast: Cast, sign_in: Any) -> None:
    screening = at(cast, "filled")
    reviewer = sign_in(cast.reviewer)
    assert "审核通过" in page(reviewer, INDEX)
    reviewer.post(reverse("screening:review", args=[screening.pk]))
    leader = sign_in(cast.a.leader)
    assert "签字后资助中心计入全区汇总" in page(leader, INDEX)
    leader.post(reverse("screening:sign", args=[screening.pk]))
    assert Screening.objects.get().status == "signed"
    bureau = sign_in(cast.bureau_operator)
    url = reverse("screening:school", args=[cast.school.pk])
    assert "退回学期排查" in page(bureau, url)
    empty = bureau.post(reverse("screening:send_back", args=[screening.pk]), {"reason": ""})
    assert empty.status_code == 409
    bureau.post(reverse("screening:send_back", args=[screening.pk]), {"reason": "人数不对"})
    assert "退回：人数不对" in page(bureau, url)
    with acting_for(cast.school):
        assert Screening.objects.get().status == "open"


def test_a_bureau_sees_only_its_territory(cast: Cast, sign_in: Any) -> None:
    screening = at(cast, "signed")
    other = sign_in(cast.other_bureau_operator)
    assert "示范第一高级中学" not in page(other, INDEX)
    assert other.get(reverse("screening:school", args=[cast.school.pk])).status_code == 404
    answer = other.post(reverse("screening:send_back", args=[screening.pk]), {"reason": "x"})
    assert answer.status_code == 404


def test_the_overview_adds_up(cast: Cast, sign_in: Any) -> None:
    for staffed in (cast.a, cast.b):
        difficult(staffed, cast)
    finish(cast, cast.a)
    finish(cast, cast.b, upto="fill")
    answer = sign_in(cast.bureau_operator).get(INDEX)
    assert answer.context["sum"].total == 2
    assert answer.context["missing"] == 1
    assert [line.school.name for line in answer.context["lines"]] == [
        "示范职业高中",
        "示范第一高级中学",
    ]
    assert [line.done for line in answer.context["lines"]] == [2, 4]
    assert "还有1所学校没有签字报送" in plain(answer)


def test_the_worklist_is_seen_by_school_and_bureau_masked(cast: Cast, sign_in: Any) -> None:
    difficult(cast.a, cast)
    finish(cast, cast.a)
    number = cast.a.students[0].id_number.reveal()
    for by in (cast.operator, cast.bureau_operator):
        text = page(sign_in(by), reverse("screening:unaided"))
        assert "张示远" in text
        assert "补办认定申请" in text
        assert number not in text
    assert "没有应助未助的学生" in page(
        sign_in(cast.other_bureau_operator), reverse("screening:unaided")
    )
    client = sign_in(cast.operator)
    for query, seen in (("?q=zsy", True), ("?q=没有", False), ("?state=late", False)):
        assert ("张示远" in page(client, reverse("screening:unaided") + query)) is seen


def test_settled_students_are_marked_on_the_worklist(cast: Cast, sign_in: Any) -> None:
    difficult(cast.a, cast)
    finish(cast, cast.a)
    make.award(cast.a, cast.a.students[0], cast.term, make.programme())
    assert "已落实" in page(sign_in(cast.operator), reverse("screening:unaided"))


def test_students_of_several_groups_are_listed_with_their_one_category(
    cast: Cast, sign_in: Any
) -> None:
    make.tag(cast.a.students[0], make.group(1))
    make.tag(cast.a.students[0], make.group(5))
    make.tag(cast.a.students[1], make.group(5))
    text = page(sign_in(cast.operator), reverse("screening:several"))
    assert "建档立卡学生" in text
    assert "李样宁" not in text


def test_an_export_goes_to_the_page_of_its_job(cast: Cast, sign_in: Any) -> None:
    at(cast, "filled")
    client = sign_in(cast.operator)
    refused = client.post(reverse("screening:table"), {"reason": ""})
    assert refused.status_code == 409
    answer = client.post(reverse("screening:table"), {"reason": "报送"})
    job = Job.objects.get()
    assert answer.url == reverse("office:job", args=[job.pk])
    assert Event.objects.filter(verb="screening.export").count() == 1
    assert sign_in(cast.reviewer).post(reverse("screening:table")).status_code == 403


def test_a_term_can_be_named_and_an_unknown_one_is_not_there(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.operator)
    make.earlier(2025, 2)
    assert "2026年春季学期" in page(client, f"{INDEX}?term=2025-2")
    assert client.get(f"{INDEX}?term=2031-1").status_code == 404


@pytest.mark.parametrize("where", ["index", "class", "fill", "unaided", "several"])
def test_pages_take_the_same_queries_at_1_and_30_students(
    cast: Cast, sign_in: Any, where: str
) -> None:
    opened(cast)
    args = {"class": [cast.a.school_class.pk], "fill": [Screening.objects.get().pk]}
    url = reverse(f"screening:{where}", args=args.get(where, []))
    by = cast.head_teacher if where == "class" else cast.operator
    client = sign_in(by)
    # The first page of a process asks for content types, which are known from then on.
    page(client, url)
    few = _grown(cast, 1) or queries(client, url)
    _grown(cast, 30)
    assert queries(client, url) == few


def _grown(cast: Cast, n: int) -> int:
    for _ in range(n):
        someone = student(cast.a.school_class, "赵示安")
        make.tag(someone, make.group(1))
        make.tag(someone, make.group(5))
    screening = opened(cast)
    for row in screening.rows.filter(result="").select_related("screening", "school_class"):
        if row.student.tags.exists():
            actions.verify(
                row=row,
                result="unaided",
                by=cast.head_teacher,
                reason="名单新增",
                measure="补办",
                measure_due_on=date(2026, 12, 1),
            )
    return 0


def test_the_overview_takes_the_same_queries_for_any_number_of_schools(
    cast: Cast, sign_in: Any
) -> None:
    opened(cast)
    client = sign_in(cast.bureau_operator)
    before = queries(client, INDEX)
    verified(cast)
    finish(cast, cast.b)
    assert queries(client, INDEX) == before
