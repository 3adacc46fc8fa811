"""The pages of departments' lists, and what the lists of pages cost."""

from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from schools.scope import acting_for
from students.actions import (
    add_class,
    assign_head_teacher,
    change_enrolment,
    discard_roster,
    match_list,
    stage_roster,
    upload_list,
    withdraw_list,
)
from students.models import (
    DepartmentList,
    RosterImport,
    SpecialGroup,
    SpecialGroupTag,
)
from tests.cast import Cast, student
from tests.students.pages import STUDENTS, page, tag
from tests.students.rosters import roster
from tests.students.test_actions_lists import list_file, matched, people_of


def test_bureau_uploads_and_school_sees_its_own(cast: Cast, sign_in: Any) -> None:
    content = list_file(people_of(cast))
    client = sign_in(cast.bureau_operator)
    with acting_for(cast.district):
        group = SpecialGroup.objects.get(code="orphan")
    facts = {"group": group.pk, "issued_on": "2026-08-20", "valid_from": "2026-09-01"}
    file = SimpleUploadedFile("孤儿.xlsx", content)
    client.post(reverse("students:list_new"), {**facts, "file": file})
    with acting_for(cast.district):
        listed = DepartmentList.objects.get()
    assert "比对" in page(client, "list", list_id=listed.pk)
    url = reverse("students:list_match", kwargs={"list_id": listed.pk})
    client.post(url)
    shown = page(client, "list", list_id=listed.pk)
    assert cast.a.school.name in shown
    assert cast.c.school.name not in shown
    assert "张示远" not in shown
    assert "孤儿" in page(client, "lists")
    school = page(sign_in(cast.operator), "groups")
    assert "张示远" in school
    assert "王例清" not in school
    other = sign_in(cast.other_bureau_operator)
    assert other.get(reverse("students:list", kwargs={"list_id": listed.pk})).status_code == 404
    assert other.post(url).status_code == 404


def test_a_wrong_list_is_withdrawn_from_its_page_by_a_second_person(
    cast: Cast, sign_in: Any
) -> None:
    with acting_for(cast.district):
        wrong, newer = (
            matched(cast, people_of(cast)[:n], valid_from=first)
            for n, first in ((3, date(2026, 8, 1)), (1, date(2026, 9, 1)))
        )
    url = reverse("students:list_withdraw", kwargs={"list_id": wrong.pk})
    operator = sign_in(cast.bureau_operator)
    assert url not in page(operator, "list", list_id=wrong.pk)
    assert operator.post(url, {"reason": "名单有误"}).status_code == 403
    assert sign_in(cast.other_bureau_operator).post(url).status_code == 403
    reviewer = sign_in(cast.bureau_reviewer)
    shown = reviewer.get(reverse("students:list", kwargs={"list_id": newer.pk}))
    assert (shown.context["gone"], shown.context["older"]) == (2, [wrong])
    assert "不再列名" in shown.content.decode()
    shown = reviewer.get(reverse("students:list", kwargs={"list_id": wrong.pk}))
    assert shown.context["ends"] == {"tags": 3, "schools": 2}
    assert url in shown.content.decode()
    answer = reviewer.post(url, {"reason": "名单串行"}, follow=True)
    assert "停止了3人次的标记；其中1人次在其他名单上" in answer.content.decode()
    assert "名单串行" in answer.content.decode()
    assert "已撤销" in page(reviewer, "lists")
    again = reviewer.get(reverse("students:list", kwargs={"list_id": newer.pk}))
    assert again.context["gone"] == 0


def test_what_a_withdrawal_does_is_said_as_it_is(cast: Cast, sign_in: Any) -> None:
    """A tag that begins today holds no day at all then."""
    with acting_for(cast.district):
        listed = matched(cast, people_of(cast))
    url = reverse("students:list", kwargs={"list_id": listed.pk})
    shown = sign_in(cast.bureau_reviewer).get(url).content.decode()
    assert "今天或以后才开始的，一天也不算" in shown
    with acting_for(cast.district):
        withdraw_list(listed=listed, reason="名单有误", by=cast.bureau_reviewer)
        assert not [tag for tag in SpecialGroupTag.objects.all() if tag.held]


def test_a_list_that_names_nobody_here_is_at_no_school(cast: Cast, sign_in: Any) -> None:
    with acting_for(cast.district):
        matched(cast, people_of(cast)[4:])
    shown = sign_in(cast.bureau_operator).get(reverse("students:lists")).content.decode()
    assert '<td class="num" data-l="学校（所）">0</td>' in shown


def test_unreadable_list_is_refused_on_the_page(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.bureau_operator)
    group = SpecialGroup.objects.get(code="orphan")
    facts = {"group": group.pk, "issued_on": "2026-08-20", "valid_from": "2026-09-01"}
    file = SimpleUploadedFile("孤儿.xlsx", b"%PDF-1.4")
    answer = client.post(reverse("students:list_new"), {**facts, "file": file})
    assert answer.status_code == 422
    assert "这是 PDF 文件，不是表格" in answer.content.decode()


# --- many rows


@pytest.mark.parametrize(
    "name", ["roster", "classes", "changes", "groups", "import_new", "class", "student"]
)
def test_queries_do_not_grow_with_the_rows(
    cast: Cast, sign_in: Any, name: str, django_assert_num_queries: Any
) -> None:
    client = sign_in(cast.operator)
    kwargs: dict[str, int] = {}
    if name == "class":
        kwargs = {"class_id": cast.a.school_class.pk}
    if name == "student":
        kwargs = {"student_id": cast.a.students[0].pk}
    url = reverse(STUDENTS + name, kwargs=kwargs or None)
    _one_more(cast, 0)
    client.get(url)
    with CaptureQueriesContext(connection) as few:
        client.get(url)
    for n in range(1, 30):
        _one_more(cast, n)
    with django_assert_num_queries(len(few)):
        assert client.get(url).status_code == 200


def _one_more(cast: Cast, n: int) -> None:
    """One more row of everything that the pages list."""
    school_class = add_class(
        school=cast.school,
        stage="senior",
        grade=2,
        number=n + 1,
        name=f"高二（{n + 1}）班",
        by=cast.operator,
    )
    assign_head_teacher(
        school_class=school_class, person=cast.head_teacher.person, by=cast.operator
    )
    row = student(cast.a.school_class, "多示生")
    tag(cast, row)
    for one, kind in ((row, "major_changed"), (cast.a.students[0], "major_changed")):
        change_enrolment(student=one, kind=kind, on=date(2026, 9, 1), reason="", by=cast.operator)
    stage_roster(school=cast.school, content=roster(1), filename=f"{n}.xlsx", by=cast.operator)
    if n:
        discard_roster(staged=RosterImport.objects.order_by("-pk")[0], by=cast.operator)


def test_queries_of_a_list_do_not_grow_with_the_schools(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.bureau_operator)
    counts = []
    for people in (people_of(cast)[:1], people_of(cast)):
        with acting_for(cast.district):
            listed = upload_list(
                bureau=cast.district,
                group=SpecialGroup.objects.get(code="orphan"),
                content=list_file(people),
                filename="孤儿.xlsx",
                issued_on=date(2026, 8, 1),
                valid_from=date(2026, 8, 1),
                valid_to=None,
                by=cast.bureau_operator,
            )
            match_list(listed=listed, by=cast.bureau_operator)
        with CaptureQueriesContext(connection) as asked:
            page(client, "list", list_id=listed.pk)
        counts.append(len(asked))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("role", "name"),
    [("bureau_operator", "list_new"), ("operator", "import_new"), ("operator", "teachers")],
)
def test_every_upload_of_a_table_names_the_same_kinds(
    cast: Cast, sign_in: Any, role: str, name: str
) -> None:
    shown = page(sign_in(getattr(cast, role)), name)
    assert ".xlsx、.xls、.et、.csv，20MB以内" in shown
    assert 'accept=".xlsx,.xls,.et,.csv,.xlsm"' in shown
