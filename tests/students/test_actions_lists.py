"""Departments' lists and matching."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from audit.models import Event
from audit.refusal import Refused
from office.models import StoredFile
from office.spreadsheets.cells import Cell
from office.spreadsheets.writing import write_rows
from schools import clock
from schools.scope import acting_for
from students.actions import (
    change_enrolment,
    discard_list,
    match_list,
    upload_list,
    withdraw_list,
)
from students.models import (
    DepartmentList,
    DepartmentListRow,
    SpecialGroup,
    SpecialGroupTag,
    live_tag,
)
from students.queue import older_than, tags_of, unnamed
from tests.cast import Cast, next_id
from tests.cast import student as new_student

LIST_HEADERS = ("序号", "姓名", "身份证号码")


def list_file(people: list[tuple[str, Cell]]) -> bytes:
    rows: list[list[Cell]] = [[i, name, number] for i, (name, number) in enumerate(people, 1)]
    return write_rows(None, LIST_HEADERS, rows, text_columns=())


def people_of(cast: Cast) -> list[tuple[str, Cell]]:
    """Two students of A, one of B, one of the other district's C, and two at no school."""
    found: list[tuple[str, Cell]] = []
    for school, n in ((cast.a, 2), (cast.b, 1), (cast.c, 1)):
        with acting_for(school.school):
            found += [(s.name, s.id_number.reveal()) for s in school.students[:n]]
    return [*found, ("无示人", next_id()), ("无例人", next_id())]


def upload(cast: Cast, content: bytes, **facts: object) -> DepartmentList:
    chosen = {
        "bureau": cast.district,
        "group": SpecialGroup.objects.get(code="dibao"),
        "content": content,
        "filename": "低保名单.xlsx",
        "issued_on": date(2026, 8, 20),
        "valid_from": date(2026, 9, 1),
        "valid_to": None,
        "by": cast.bureau_operator,
    }
    return upload_list(**(chosen | facts))  # type: ignore[arg-type]


def test_a_list_is_split_to_the_schools_reached(cast: Cast) -> None:
    content = list_file(people_of(cast))
    with acting_for(cast.district):
        listed = upload(cast, content)
        assert SpecialGroupTag.objects.count() == 0
        done = match_list(listed=listed, by=cast.bureau_operator)
    assert done.status == "matched"
    assert {k: done.counts[k] for k in ("people", "matched", "unmatched", "tagged")} == {
        "people": 6,
        "matched": 3,
        "unmatched": 3,
        "tagged": 3,
    }
    assert done.counts["schools"] == {str(cast.a.school.pk): 2, str(cast.b.school.pk): 1}
    with acting_for(cast.a.school):
        tags = SpecialGroupTag.objects.order_by("pk")
        assert [t.student.name for t in tags] == ["张示远", "李样宁"]
        assert {(t.source, t.source_list_id, t.strength) for t in tags} == {
            ("民政名单", listed.pk, "id")
        }
        assert DepartmentListRow.objects.count() == 0
    with acting_for(cast.c.school):
        assert SpecialGroupTag.objects.count() == 0
    told = Event.objects.for_organisation(cast.a.school.pk).filter(verb="students.tag").count()
    assert told == 1


def test_matching_again_tags_only_who_came_since(cast: Cast) -> None:
    number = next_id(date(2010, 2, 3))
    with acting_for(cast.district):
        listed = upload(cast, list_file([*people_of(cast), ("新示生", number)]))
        match_list(listed=listed, by=cast.bureau_operator)
        before = list(SpecialGroupTag.objects.order_by("pk").values())
        again = match_list(listed=listed, by=cast.bureau_operator)
        assert again.counts["tagged"] == 0
        assert list(SpecialGroupTag.objects.order_by("pk").values()) == before
        with acting_for(cast.a.school):
            new_student(cast.a.school_class, "新示生", id_number=number)
        third = match_list(listed=listed, by=cast.bureau_operator)
        assert (third.counts["tagged"], third.counts["matched"]) == (1, 4)


def test_next_years_list_carries_the_tag_on(cast: Cast) -> None:
    content = list_file(people_of(cast)[:1])
    with acting_for(cast.district):
        first = upload(cast, content, valid_to=date(2027, 8, 31))
        match_list(listed=first, by=cast.bureau_operator)
        inside = upload(cast, content, valid_from=date(2027, 3, 1), valid_to=date(2027, 7, 31))
        assert match_list(listed=inside, by=cast.bureau_operator).counts["tagged"] == 0
        later = upload(cast, content, valid_from=date(2027, 9, 1), valid_to=date(2028, 8, 31))
        counts = match_list(listed=later, by=cast.bureau_operator).counts
        assert (counts["tagged"], counts["carried"]) == (0, 1)
        tag = SpecialGroupTag.objects.get()
        assert (tag.valid_from, tag.valid_to) == (date(2026, 9, 1), date(2028, 8, 31))
        assert tag.source_list_id == later.pk
        again = match_list(listed=later, by=cast.bureau_operator).counts
        assert (again["tagged"], again["carried"]) == (0, 0)
        gap = upload(cast, content, valid_from=date(2028, 9, 2), valid_to=None)
        counts = match_list(listed=gap, by=cast.bureau_operator).counts
        assert (counts["tagged"], counts["carried"]) == (1, 0)
        assert SpecialGroupTag.objects.count() == 2


def test_of_two_tags_that_end_together_one_is_carried_on(cast: Cast) -> None:
    content = list_file(people_of(cast)[:1])
    with acting_for(cast.district):
        for first in (date(2026, 9, 2), date(2026, 9, 1)):
            early = upload(cast, content, valid_from=first, valid_to=date(2027, 8, 31))
            match_list(listed=early, by=cast.bureau_operator)
        assert SpecialGroupTag.objects.count() == 2
        later = upload(cast, content, valid_from=date(2027, 9, 1))
        assert match_list(listed=later, by=cast.bureau_operator).counts["carried"] == 1
        assert SpecialGroupTag.objects.filter(valid_to=None).count() == 1


def test_another_name_is_counted(cast: Cast) -> None:
    (_, number), *_ = people_of(cast)
    with acting_for(cast.district):
        done = match_list(
            listed=upload(cast, list_file([("别示名", number)])), by=cast.bureau_operator
        )
    assert (done.counts["matched"], done.counts["differing"]) == (1, 1)


def test_unusable_rows_are_told_with_masked_values(cast: Cast) -> None:
    good, *_ = people_of(cast)
    bad: list[tuple[str, Cell]] = [("甲示", 990101201001011e3), ("乙示", "99010120100101123")]
    with acting_for(cast.district):
        listed = upload(cast, list_file([good, *bad, good]))
        assert listed.counts == {"rows": 4, "people": 1, "repeated": 1, "errors": 2}
        assert [e["cell"] for e in listed.errors] == ["C3", "C4"]
        assert "20100101" not in str(listed.errors)


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"content": b""}, "文件是空的"),
        ({"issued_on": date(2026, 9, 2)}, "名单日期晚于今天"),
        ({"valid_to": date(2026, 8, 31)}, "有效期止早于有效期起"),
    ],
)
def test_impossible_lists_leave_nothing_behind(
    cast: Cast, facts: dict[str, object], said: str
) -> None:
    content = list_file([("甲示", next_id())])
    with acting_for(cast.district):
        with pytest.raises(Refused, match=said):
            upload(cast, **({"content": content} | facts))  # type: ignore[arg-type]
        assert not DepartmentList.objects.exists()
        assert not StoredFile.objects.exists()


def test_moves_of_a_list(cast: Cast) -> None:
    with acting_for(cast.district):
        listed = upload(cast, list_file(people_of(cast)))
        discarded = discard_list(listed=listed, by=cast.bureau_operator)
        with pytest.raises(Refused, match="现在是“已放弃”，不能比对"):
            match_list(listed=discarded, by=cast.bureau_operator)
        with pytest.raises(Refused, match="现在是“已放弃”，不能放弃"):
            discard_list(listed=discarded, by=cast.bureau_operator)
        done = match_list(listed=upload(cast, list_file(people_of(cast))), by=cast.bureau_operator)
        with pytest.raises(Refused, match="现在是“已比对”，不能放弃"):
            discard_list(listed=done, by=cast.bureau_operator)


def matched(cast: Cast, people: list[tuple[str, Cell]], **facts: object) -> DepartmentList:
    return match_list(
        listed=upload(cast, list_file(people), **facts),
        by=cast.bureau_operator,
    )


def periods(listed: DepartmentList) -> set[tuple[date, date | None]]:
    rows = SpecialGroupTag.objects.filter(source_list_id=listed.pk)
    return set(rows.values_list("valid_from", "valid_to"))


def test_withdrawing_ends_the_tags_and_tells_every_school(cast: Cast) -> None:
    with acting_for(cast.district):
        wrong = matched(cast, people_of(cast), valid_from=date(2026, 8, 1))
        assert tags_of(wrong).count() == 3
        done = withdraw_list(listed=wrong, reason=" 名单串行 ", by=cast.bureau_reviewer)
        assert (done.status, done.get_status_display()) == ("withdrawn", "已撤销")
        assert (done.withdraw_by, done.withdraw_reason) == (cast.bureau_reviewer.person, "名单串行")
        assert (done.counts["ended"], done.counts["kept"]) == (3, 0)
        yesterday = clock.today() - timedelta(days=1)
        assert periods(wrong) == {(date(2026, 8, 1), yesterday)}
        assert not SpecialGroupTag.objects.filter(live_tag(clock.today())).exists()
        assert not tags_of(done).exists()
    for staffed, n in ((cast.a, 2), (cast.b, 1)):
        with acting_for(staffed.school):
            events = Event.objects.for_organisation(staffed.school.pk).filter(verb="students.untag")
            assert [e.facts["students"] for e in events] == [n]


def test_a_tag_begun_today_or_later_holds_no_day(cast: Cast) -> None:
    today = clock.today()
    coming = today + timedelta(days=30)
    with acting_for(cast.district):
        for first, last in ((today, None), (coming, coming + timedelta(days=99))):
            wrong = matched(cast, people_of(cast)[:1], valid_from=first, valid_to=last)
            withdraw_list(listed=wrong, reason="名单有误", by=cast.bureau_reviewer)
            assert periods(wrong) == {(first, first - timedelta(days=1))}
            assert not SpecialGroupTag.objects.filter(live_tag(first)).exists()
            assert not tags_of(wrong).exists()


def test_who_is_on_another_list_too_stays_tagged(cast: Cast) -> None:
    one, two, *_ = people_of(cast)
    with acting_for(cast.district):
        wrong = matched(cast, [one, two], valid_from=date(2026, 8, 1))
        right = matched(cast, [one], valid_from=date(2026, 8, 1))
        assert right.counts["tagged"] == 0
        done = withdraw_list(listed=wrong, reason="名单有误", by=cast.bureau_reviewer)
        assert (done.counts["ended"], done.counts["kept"]) == (2, 1)
        live = SpecialGroupTag.objects.filter(live_tag(clock.today()))
        assert [(t.student.name, t.source_list_id) for t in live] == [(one[0], right.pk)]


def test_withdrawing_is_refused_with_all_reasons(cast: Cast) -> None:
    with acting_for(cast.district):
        listed = matched(cast, people_of(cast))
        with pytest.raises(Refused) as refused:
            withdraw_list(listed=listed, reason=" ", by=cast.bureau_operator)
        assert [r.text for r in refused.value.reasons] == [
            "撤销名单应由资助中心审核办理",
            "比对这份名单的人不能撤销",
            "没有写撤销原因",
        ]
        done = withdraw_list(listed=listed, reason="名单有误", by=cast.bureau_reviewer)
        for act in (match_list, discard_list):
            with pytest.raises(Refused, match="现在是“已撤销”，不能"):
                act(listed=done, by=cast.bureau_operator)
        staged = upload(cast, list_file(people_of(cast)))
        for row, status in ((done, "已撤销"), (staged, "待比对")):
            with pytest.raises(Refused, match=f"现在是“{status}”，不能撤销"):
                withdraw_list(listed=row, reason="名单有误", by=cast.bureau_reviewer)


@pytest.mark.parametrize(
    ("constraint", "change"),
    [
        ("list_withdraw_stamp", "status = 'withdrawn'"),
        ("list_withdraw_stamp", "withdraw_at = now()"),
        (
            "list_withdraw_second_person",
            "status = 'withdrawn', withdraw_reason = 'x', withdraw_at = now(),"
            " withdraw_by_id = match_by_id",
        ),
    ],
)
def test_the_database_refuses_half_a_withdrawal(cast: Cast, constraint: str, change: str) -> None:
    with acting_for(cast.district):
        matched(cast, people_of(cast))
        with (
            pytest.raises(IntegrityError, match=constraint),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"UPDATE students_departmentlist SET {change}")


def test_a_newer_list_tells_whom_it_no_longer_names(cast: Cast) -> None:
    people = people_of(cast)
    with acting_for(cast.district):
        first = matched(cast, people, valid_from=date(2026, 8, 1))
        other = matched(cast, people, group=SpecialGroup.objects.get(code="orphan"))
        newer = matched(cast, people[:1])
        assert list(older_than(newer)) == [first]
        assert unnamed(newer) == {cast.a.school.pk: 1, cast.b.school.pk: 1}
        assert not list(older_than(first))
        assert not list(older_than(other))
        assert tags_of(first).count() == 3, "none is ended by a newer list"
        withdraw_list(listed=first, reason="名单有误", by=cast.bureau_reviewer)
        assert not list(older_than(newer))


@pytest.mark.parametrize("again", [False, True])
def test_who_has_left_is_neither_found_nor_tagged(cast: Cast, again: bool) -> None:
    gone, stays, *_ = people_of(cast)
    with acting_for(cast.a.school):
        someone = cast.a.students[0]
        change_enrolment(
            student=someone,
            kind="transfer_out",
            on=clock.today(),
            reason="随父母迁居",
            by=cast.operator,
        )
    with acting_for(cast.b.school):
        # Where he is now he is found, and there alone.
        now = again and new_student(cast.b.school_class, someone.name, id_number=str(gone[1]))
    with acting_for(cast.district):
        done = matched(cast, [gone, stays])
        assert (done.counts["matched"], done.counts["tagged"]) == ((2, 2) if again else (1, 1))
        expected = {cast.a.students[1].pk} | ({now.pk} if now else set())
        assert set(SpecialGroupTag.objects.values_list("student_id", flat=True)) == expected
