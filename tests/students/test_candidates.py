"""People on a list without a matching number: asked about, answered once, remembered."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import Event
from audit.refusal import Refused
from office.spreadsheets.cells import Cell
from office.spreadsheets.writing import write_rows
from privacy.identity import make_id
from schools import clock
from schools.scope import acting_for
from students.actions import (
    confirm_candidate,
    match_again,
    match_list,
    reject_candidate,
    reopen_candidate,
    withdraw_list,
)
from students.models import (
    DepartmentList,
    Guardian,
    MatchCandidate,
    SpecialGroup,
    SpecialGroupTag,
    Student,
    live_tag,
)
from students.navigation import todos
from students.queue import unnamed
from tests.cast import REGION, Cast, next_id
from tests.cast import student as new_student
from tests.students.test_actions_lists import upload
from tests.students.test_navigation import fresh

HEADERS = ("序号", "姓名", "身份证号码", "出生日期", "户主姓名", "残疾类别", "残疾等级")
BORN = date(2009, 5, 6)
SEEN = "查看户口簿"
# Somebody else of this birthday; `next_id` gives it to nobody.
NUMBER = make_id(REGION, BORN, 501)


def listing(*rows: dict[str, Cell]) -> bytes:
    return write_rows(None, HEADERS, [[row.get(h, "") for h in HEADERS] for row in rows])


def person(name: str = "张示远", **cells: Cell) -> dict[str, Cell]:
    return {"姓名": name, "出生日期": "2009-05-06", **cells}


def match(cast: Cast, *rows: dict[str, Cell], **facts: object) -> DepartmentList:
    with acting_for(cast.district):
        listed = upload(cast, listing(*rows), **facts)
        return match_list(listed=listed, by=cast.bureau_operator)


def questions(**facts: object) -> list[MatchCandidate]:
    return list(MatchCandidate.objects.filter(**facts).order_by("pk"))


def test_name_and_birth_date_ask_the_school_and_tag_nobody(cast: Cast) -> None:
    number = NUMBER
    done = match(
        cast, person(身份证号码=number, 残疾类别="肢体", 残疾等级="二级"), person("无示人")
    )
    assert {k: done.counts[k] for k in ("matched", "unmatched", "tagged", "asked")} == {
        "matched": 0,
        "unmatched": 2,
        "tagged": 0,
        # One person, though B has a student of this name and day too; C is in another district.
        "asked": 1,
    }
    assert not SpecialGroupTag.objects.exists()
    (question,) = questions()
    assert question.student == cast.a.students[0]
    assert (question.strength, question.likely) == ("name_birth", 2)
    assert (question.source, question.detail) == ("民政名单", "肢体，二级")
    assert question.listed_id.reveal() == number
    assert str(question.listed_id) == f"990****{number[-2:]}"
    rostered = cast.a.students[0].id_number.reveal()
    places = [n for n in range(18) if number[n] != rostered[n]]
    assert question.differs == f"第{'、'.join(str(n + 1) for n in places)}位"
    told = Event.objects.for_organisation(cast.school.pk).get(verb="students.ask")
    assert told.facts["students"] == 1
    with acting_for(cast.c.school):
        assert questions() == []


def test_child_and_guardian_ask_where_the_birth_date_is_unknown_or_another(cast: Cast) -> None:
    first, second, third = cast.a.students
    for row, name in ((first, "张 样泽"), (second, "李样明"), (third, "王例和")):
        Guardian.objects.create(school=cast.school, student=row, name=name, relation="父亲")
    match(
        cast,
        {"姓名": first.name, "户主姓名": "张样泽"},
        {"姓名": second.name, "户主姓名": "李样明", "出生日期": "2009-06-05"},
        {"姓名": third.name, "户主姓名": "别示人"},
    )
    assert [(q.student, q.strength) for q in questions()] == [
        (first, "guardian"),
        (second, "guardian"),
    ]
    assert [q.listed_birth for q in questions()] == [None, date(2009, 6, 5)]
    assert not questions()[0].listed_id
    assert questions()[0].differs == ""


def test_who_is_on_the_list_himself_is_not_asked_about(cast: Cast) -> None:
    own = cast.a.students[0].id_number.reveal()
    match(cast, person(身份证号码=own), person(身份证号码=NUMBER))
    assert questions(school=cast.school) == []


def test_nobody_old_is_looked_for(cast: Cast) -> None:
    born = date(1990, 5, 6)
    new_student(cast.a.school_class, "老示生", birth_date=born)
    match(cast, {"姓名": "老示生", "身份证号码": make_id(REGION, born, 502)})
    assert questions() == []


def test_yes_tags_and_the_next_list_finds_him_without_asking(cast: Cast) -> None:
    number = NUMBER
    listed = match(cast, person(身份证号码=number), valid_to=date(2027, 8, 31))
    (question,) = questions()
    done = confirm_candidate(candidate=question, reason=f" {SEEN} ", by=cast.operator)
    assert (done.status, done.how, done.decided_by) == ("same", SEEN, cast.operator.person)
    tag = SpecialGroupTag.objects.get()
    assert (tag.student, tag.strength) == (question.student, "name_birth")
    assert (tag.source_list_id, tag.valid_to) == (listed.pk, date(2027, 8, 31))
    event = Event.objects.for_organisation(cast.school.pk).get(verb="matchcandidate.confirm")
    assert (event.about_id, event.reason) == (question.student_id, SEEN)
    with acting_for(cast.district):
        again = match_list(listed=listed, by=cast.bureau_operator)
    assert (again.counts["matched"], again.counts["tagged"], again.counts["asked"]) == (1, 0, 0)
    later = match(cast, person(身份证号码=number), valid_from=date(2027, 9, 1))
    assert (later.counts["matched"], later.counts["carried"], later.counts["asked"]) == (1, 1, 0)
    assert SpecialGroupTag.objects.get().valid_to is None
    other = SpecialGroup.objects.get(code="orphan")
    match(cast, person(身份证号码=number), group=other)
    assert SpecialGroupTag.objects.get(group=other).strength == "name_birth"
    assert len(questions()) == 1


def test_the_list_and_those_not_found_are_the_same_number_after_a_yes(
    cast: Cast, sign_in: Any
) -> None:
    """Until it is compared again, its figures are of the day before the answer."""
    listed = match(cast, person(身份证号码=NUMBER), person("无示人", 身份证号码=next_id()))
    (asked,) = questions(school=cast.school)
    confirm_candidate(candidate=asked, reason=SEEN, by=cast.operator)
    client = sign_in(cast.bureau_operator)
    url = f"/students/lists/{listed.pk}/"
    shown = re.sub("<[^>]+>", "", client.get(url).content.decode())
    assert "现在是1人，下次比对时计入" in shown
    assert client.get(f"{url}missing/").context["total"] == 1
    with acting_for(cast.district):
        match_list(listed=listed, by=cast.bureau_operator)
    again = client.get(url)
    assert again.context["counts"]["unmatched"] == 1
    assert "下次比对时计入" not in again.content.decode()


def test_no_is_remembered_for_every_list(cast: Cast) -> None:
    number = NUMBER
    match(cast, person(身份证号码=number))
    (question,) = questions()
    done = reject_candidate(candidate=question, reason="电话问过家长", by=cast.operator)
    assert done.status == "different"
    for code in ("dibao", "orphan"):
        group = SpecialGroup.objects.get(code=code)
        again = match(cast, person(身份证号码=number), group=group, issued_on=date(2026, 8, 30))
        assert again.counts["matched"] == 0
    assert [q.status for q in questions()] == ["different"]
    assert not SpecialGroupTag.objects.exists()


def test_a_person_without_a_number_is_known_again(cast: Cast) -> None:
    match(cast, person())
    reject_candidate(candidate=questions()[0], reason=SEEN, by=cast.operator)
    assert match(cast, person(), issued_on=date(2026, 8, 30)).counts["asked"] == 0


def test_one_answer_settles_the_other_groups_and_the_other_students(cast: Cast) -> None:
    twin = new_student(cast.a.school_class, "张示远")
    number = NUMBER
    for code in ("dibao", "orphan"):
        match(cast, person(身份证号码=number), group=SpecialGroup.objects.get(code=code))
    mine = questions(student=cast.a.students[0])
    confirm_candidate(candidate=mine[0], reason=SEEN, by=cast.operator)
    assert [q.status for q in questions(student=cast.a.students[0])] == ["same", "same"]
    assert [q.status for q in questions(student=twin)] == ["different", "different"]
    assert SpecialGroupTag.objects.count() == 2
    with pytest.raises(Refused, match="现在是“不是同一人”"):
        confirm_candidate(candidate=questions(student=twin)[0], reason=SEEN, by=cast.operator)


def test_deciding_is_refused_with_all_reasons(cast: Cast) -> None:
    match(cast, person())
    (question,) = questions()
    for act in (confirm_candidate, reject_candidate):
        with pytest.raises(Refused) as refused:
            act(candidate=question, reason=" ", by=cast.reviewer)
        assert [r.text for r in refused.value.reasons] == [
            "名单上的人由资助专干（经办）确认",
            "没有写怎样核实的",
        ]
    done = reject_candidate(candidate=question, reason=SEEN, by=cast.operator)
    with pytest.raises(Refused) as refused:
        reopen_candidate(candidate=done, reason="", by=cast.operator)
    assert [r.text for r in refused.value.reasons] == [
        "退回重新确认由审核人或分管领导办理",
        "确认的人不能自己退回",
        "没有写退回的原因",
    ]


def test_an_answer_sent_back_ends_its_tag(cast: Cast) -> None:
    match(cast, person(), valid_from=date(2026, 8, 1))
    done = confirm_candidate(candidate=questions()[0], reason=SEEN, by=cast.operator)
    back = reopen_candidate(candidate=done, reason="户口簿是同名的人", by=cast.reviewer)
    assert (back.status, back.decided_by, back.decided_at) == ("waiting", None, None)
    assert SpecialGroupTag.objects.get().valid_to == clock.today() - timedelta(days=1)
    reject_candidate(candidate=back, reason="电话问过家长", by=cast.operator)


def test_an_answer_sent_back_on_the_first_day_leaves_no_day(cast: Cast) -> None:
    match(cast, person(), valid_from=clock.today())
    done = confirm_candidate(candidate=questions()[0], reason=SEEN, by=cast.operator)
    assert SpecialGroupTag.objects.filter(live_tag(clock.today())).exists()
    reopen_candidate(candidate=done, reason="户口簿是同名的人", by=cast.reviewer)
    tag = SpecialGroupTag.objects.get()
    assert not tag.held
    assert not SpecialGroupTag.objects.filter(live_tag(clock.today())).exists()
    assert not SpecialGroupTag.objects.filter(live_tag(tag.valid_from)).exists()


def test_a_right_number_or_a_withdrawn_list_takes_the_question_away(cast: Cast) -> None:
    number = NUMBER
    listed = match(cast, person(身份证号码=number))
    new = new_student(cast.a.school_class, "新示生", id_number=number)
    with acting_for(cast.district):
        match_list(listed=listed, by=cast.bureau_operator)
    assert [q.status for q in questions()] == ["moot"]
    new.status, new.left_on = "left", clock.today()
    new.save()
    with acting_for(cast.district):
        match_list(listed=listed, by=cast.bureau_operator)
        assert {q.status for q in questions()} == {"waiting"}
        withdraw_list(listed=listed, reason="名单有误", by=cast.bureau_reviewer)
        assert {q.status for q in questions()} == {"moot"}


def test_who_is_asked_about_has_not_dropped_out(cast: Cast) -> None:
    own, other = cast.a.students[0].id_number.reveal(), NUMBER
    match(cast, person(身份证号码=own), valid_from=date(2026, 8, 1), issued_on=date(2026, 8, 1))
    newer = match(cast, person(身份证号码=other))
    with acting_for(cast.district):
        assert unnamed(newer) == {}
    reject_candidate(candidate=questions()[0], reason=SEEN, by=cast.operator)
    with acting_for(cast.district):
        assert unnamed(newer) == {cast.school.pk: 1}


@pytest.mark.parametrize(
    "change",
    ["status = 'same'", "decided_at = now()", "status = 'different', how = 'x'"],
)
def test_the_database_refuses_half_an_answer(cast: Cast, change: str) -> None:
    match(cast, person())
    with (
        pytest.raises(IntegrityError, match="candidate_decided_stamp"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE students_matchcandidate SET {change}")


def test_the_pages_ask_and_answer(cast: Cast, sign_in: Any) -> None:
    match(cast, person(身份证号码=NUMBER))
    (question,) = questions()
    operator = sign_in(cast.operator)
    url = reverse("students:questions")
    assert url in operator.get(reverse("students:groups")).content.decode()
    shown = operator.get(url).content.decode()
    assert "张示远" in shown
    assert NUMBER not in shown
    assert question.differs in shown
    answer = reverse("students:question_answer", kwargs={"candidate_id": question.pk})
    refused = operator.post(answer, {"do": "same"})
    assert refused.status_code == 409
    assert "没有写怎样核实的" in refused.content.decode()
    said = operator.post(answer, {"do": "same", "way": "其他", "detail": SEEN}, follow=True)
    assert "没有要确认的了" in said.content.decode()
    assert questions()[0].how == f"其他，{SEEN}"
    assert operator.post(answer, {"do": "same", "way": "其他"}).status_code == 409
    back = reverse("students:question_reopen", kwargs={"candidate_id": question.pk})
    assert operator.post(back).status_code == 403
    reviewer = sign_in(cast.reviewer)
    assert back in reviewer.get(url, {"state": "same"}).content.decode()
    said = reviewer.post(back, {"reason": "同名的人"}, follow=True)
    assert "标记已停止" in said.content.decode()


def test_the_desk_reminds_until_all_are_answered(cast: Cast) -> None:
    by = fresh(cast.operator)
    # Their files are as old as the school.
    Student.objects.update(entered_on=date(2025, 9, 1))
    assert todos(by) == []
    match(cast, person())
    (todo,) = todos(by)
    assert (todo.title, todo.count) == ("确认部门名单上的1人", 1)
    reject_candidate(candidate=questions()[0], reason=SEEN, by=cast.operator)
    assert todos(by) == []


def test_one_person_who_may_be_either_of_two_students_is_one(cast: Cast, sign_in: Any) -> None:
    new_student(cast.a.school_class, "张示远")
    with acting_for(cast.district):
        listed = upload(cast, listing(person(身份证号码=NUMBER), person("无示人")))
    client = sign_in(cast.bureau_operator)
    act = reverse("students:list_match", kwargs={"list_id": listed.pk})
    said = client.post(act, follow=True).content.decode()
    assert "另有1人姓名相同、身份证号没有比中，已请学校确认" in said
    assert "其中等学校确认1人" in re.sub(r"<[^>]+>", "", said)
    said = client.post(act, follow=True).content.decode()
    assert "已请学校确认" not in said, "nobody is asked about anew"
    assert "其中等学校确认1人" in re.sub(r"<[^>]+>", "", said), "and he still waits"
    assert len(questions()) == 2
    with acting_for(cast.school):
        told = Event.objects.for_organisation(cast.school.pk).get(verb="students.ask")
        assert told.facts["students"] == 2
        (todo,) = [t for t in todos(fresh(cast.operator)) if "名单" in t.title]
        assert (todo.title, todo.count) == ("确认部门名单上的1人", 1)
    shown = sign_in(cast.operator).get(reverse("students:groups")).content.decode()
    assert "名单待确认1人" in re.sub(r"<[^>]+>", "", shown)


def test_who_is_asked_about_at_a_second_school_later_is_counted_once(cast: Cast) -> None:
    listed = match(cast, person("唯示一", 身份证号码=NUMBER))
    for staffed in (cast.a, cast.b):
        with acting_for(staffed.school):
            new_student(staffed.school_class, "唯示一", birth_date=BORN)
        with acting_for(cast.district):
            listed = match_again(listed=listed)
    assert listed.counts["asked"] == 1


def test_queries_of_the_page_do_not_grow(
    cast: Cast, sign_in: Any, django_assert_num_queries: Any
) -> None:
    client = sign_in(cast.operator)
    match(cast, person())
    url = reverse("students:questions")
    client.get(url)
    with CaptureQueriesContext(connection) as few:
        client.get(url)
    for _ in range(18):
        new_student(cast.a.school_class, "张示远")
    match(cast, person(身份证号码=NUMBER))
    assert len(questions()) == 20
    with django_assert_num_queries(len(few)):
        assert client.get(url).status_code == 200


def test_on_a_phone_the_rosters_number_and_its_eye_are_in_sight(cast: Cast, sign_in: Any) -> None:
    """Three columns are wider than a phone: each row becomes a card, as in every work table."""
    match(cast, person(身份证号码=NUMBER))
    shown = sign_in(cast.operator).get(reverse("students:questions")).content.decode()
    table = shown.partition("<table")[2].partition("</table>")[0]
    assert "cards" in table.partition(">")[0]
    number, birth = table.split("<tr>")[2:4]
    for row in (number, birth):
        assert row.count('data-l="名单"') == row.count('data-l="本校名册"') == 1
    assert 'class="eye"' in number.partition('data-l="本校名册"')[2]
