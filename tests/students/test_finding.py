"""Finding people: what is typed, which index answers, exact numbers, kept filters."""

import re
from datetime import date
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.db.models import Q
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import Event
from audit.refusal import Refused
from schools.scope import acting_for
from students.actions import change_enrolment, find_by_number, keep_filter
from students.models import SavedFilter, Student
from students.models.searching import Kind, understood
from students.rules.names import pinyin_of
from students.views.filters import Filters
from tests.cast import Cast, student
from tests.students.crowds import crowd

ROSTER = "students:roster"
READ = r"actual rows=([\d.]+) loops=(\d+)"


def named(cast: Cast, name: str, **facts: Any) -> Student:
    row = student(cast.a.school_class, name, **facts)
    row.pinyin, row.initials = pinyin_of(name)
    row.save()
    return row


@pytest.mark.parametrize(
    ("typed", "kind", "held"),
    [
        ("张 示", Kind.NAME, "张示"),
        ("阿依·买买提", Kind.NAME, "阿依买买提"),
        ("阿依•买买提", Kind.NAME, "阿依买买提"),
        ("ZhangShi", Kind.LETTERS, "zhangshi"),
        ("zhang shi", Kind.LETTERS, "zhangshi"),
        ("lü", Kind.LETTERS, "lv"),
        ("zh", Kind.LETTERS, "zh"),
        ("zsy", Kind.INITIALS, "zsy"),
        ("zhs", Kind.INITIALS, "zhs"),
        ("2026001", Kind.NUMBER, "2026001"),
        ("smith", Kind.LETTERS, "smith"),
        ("Smith J", Kind.LETTERS, "smithj"),
        ("José-María", Kind.LETTERS, "josemaria"),
        ("sm", Kind.INITIALS, "sm"),
        ("E12345678", Kind.NUMBER, "E12345678"),
        ("CHN11010519491", Kind.NUMBER, "CHN11010519491"),
        ("CHN123456789012", Kind.IDENTITY, "CHN123456789012"),
        ("11010519491231002x", Kind.IDENTITY, "11010519491231002X"),
        ("G110105194912310021", Kind.IDENTITY, "G110105194912310021"),
        ("１１０１０５１９４９１２３１００２X", Kind.IDENTITY, "11010519491231002X"),
    ],
)
def test_what_is_typed_is_understood_by_its_signs(typed: str, kind: Kind, held: str) -> None:
    assert (understood(typed).kind, understood(typed).text) == (kind, held)


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("曾予清", ["曾", "曾予", "zengyuqing", "zeng", "zyq", "zy"]),
        ("单明远", ["shan", "smy", "shanmingyuan"]),
        ("解文川", ["xie", "xwc"]),
        ("仇示例", ["qiu", "qsl"]),
        ("阿依·买买提", ["阿依买", "阿依·买", "阿依・买", "ayimaimaiti", "aymmt"]),
        ("吕宁样", ["lv", "lü", "lyu", "lny"]),
        ("欧阳示", ["ouyang", "oys"]),
        (
            "Smith John",
            [
                "Smith",
                "smith",
                "SMITH",
                "smithjohn",
                "Smith J",
                "sm",
                "smi",
                "S",
                "john",
                "John",
                "jo",
                "John Smith",
                "johnsmith",
                "johnsm",
                "JOHN S",
                "SmithJohn",
            ],
        ),
        (
            "Anna Maria Sample",
            [
                "anna",
                "maria",
                "sam",
                "sample anna",
                "annamaria",
                "mariasam",
                "annamariasample",
                "Maria A",
            ],
        ),
        ("José Ñandú", ["jose", "José", "nandu", "Ñandú", "josenandu", "ñan"]),
        ("Pat O’Brien", ["pat", "o'brien", "obrien", "O’Brien", "brien"]),
        ("Jean-Paul Müller", ["jean", "paul", "jeanpaul", "Jean-Paul", "muller", "Müller", "mu"]),
        ("Øystein Łucja", ["oystein", "Øyst", "lucja", "Łuc"]),
        ("Lyudmila Sample", ["lyudmila", "Lyud"]),
        ("王𠮷", ["王", "王𠮷", "wang", "w"]),
        ("王𠅤", ["wangxi", "wx"]),
        ("𠮷王示", ["wang", "wangshi", "ws"]),
    ],
)
def test_a_name_is_found_however_it_is_typed(cast: Cast, name: str, typed: list[str]) -> None:
    row = named(cast, name)
    for text in typed:
        assert row in Student.objects.for_school(cast.school).named_like(text), text
    assert row not in Student.objects.for_school(cast.school).named_like("秦")


def test_a_student_number_is_found_by_its_beginning(cast: Cast) -> None:
    row = named(cast, "秦予清", student_no="20260017")
    found = Student.objects.for_school(cast.school).named_like("202600")
    assert list(found) == [row]


def plan_of(rows: Any, how: str = "COSTS OFF") -> str:
    sql, params = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        # Without statistics of the new rows the planner takes them for a handful, which it might
        # as well read or sort; whether an index can answer does not hang on that.
        for way in ("seqscan", "bitmapscan", "sort", "incremental_sort"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
        cursor.execute(f"EXPLAIN ({how}) {sql}", params)
        return "\n".join(line for (line,) in cursor.fetchall())


@pytest.mark.parametrize(
    ("typed", "order", "column"),
    [("张", "name_plain", "name_plain"), ("z", "pinyin", "pinyin"),
     ("zsy", "initials", "initials"), ("20260001", "student_no", "student_no")],
)  # fmt: skip
def test_behind_the_walls_the_index_answers(
    cast: Cast, typed: str, order: str, column: str
) -> None:
    crowd(cast.school, 20_000)
    here = Student.objects.for_school(cast.school).exclude(status="left")
    plan = plan_of(here.named_like(typed).order_by(order, "id")[:51])
    (condition,) = (line for line in plan.splitlines() if "Index Cond" in line)
    assert f"({column})::text >=" in condition
    assert "Sort" not in plan
    # The control: LIKE may leak what it compares, so that the walls keep it from the index.
    slow = plan_of(here.filter(**{f"{column}__startswith": typed}).order_by(order, "id")[:51])
    assert not any(
        "Index Cond" in line and f"({column})::text" in line for line in slow.splitlines()
    )


def rows_read(rows: Any) -> int:
    """How many rows the database looked at to answer."""
    plan = plan_of(rows, "ANALYZE, COSTS OFF, TIMING OFF, BUFFERS OFF").splitlines()
    assert not any("Sort" in line for line in plan)
    scans = [line for line in plan if " on students_student " in line]
    passed = [line for line in plan if "Rows Removed by Filter" in line]
    counts = [(n, loops) for line in scans for n, loops in re.findall(READ, line)]
    read = sum(float(n) * int(loops) for n, loops in counts)
    return round(read) + sum(int(line.rpartition(":")[2]) for line in passed)


def test_pinyin_reads_whom_it_shows_however_many_begin_with_the_same_letter(cast: Cast) -> None:
    crowd(cast.school, 20_000)
    for name in ("韦安予", "温安予"):
        named(cast, name)
    mine = Student.objects.for_school(cast.school)
    parts = Filters(QueryDict("q=wa"), []).parts(mine)
    # A tenth has left: of two indexes that answer, one holds them too.
    assert [rows_read(p.rows.order_by(*p.order)[:51]) < 100 for p in parts] == [True] * 3
    for part in parts[1:]:
        assert rows_read(part.rows.order_by(*part.order)[:10_000]) < 100
    for typed in ("wsy", "smith"):
        (words, *_) = Filters(QueryDict(f"q={typed}"), []).parts(mine)[-2:]
        assert rows_read(words.rows.order_by(*words.order)[:51]) < 100
    # The control: one condition for both walks through all of 王 before it comes to 吴.
    one = Q(pinyin__begins="w") & (Q(pinyin__begins="wu") | Q(initials__begins="wu"))
    assert rows_read(mine.filter(one).order_by("pinyin", "id")[:51]) > 1_000
    (spelled, *_) = Filters(QueryDict("q=wu"), []).parts(mine)
    assert rows_read(spelled.rows.order_by(*spelled.order)[:51]) < 100


def test_of_one_letter_the_initials_find_nobody_else(cast: Cast) -> None:
    named(cast, "王安予")
    found = Student.objects.for_school(cast.school).named_like("w")
    assert [s.name for s in found] == ["王安予"]
    (part,) = Filters(QueryDict("q=w"), []).parts(Student.objects.for_school(cast.school))
    assert list(part.rows) == list(found)


@pytest.mark.parametrize("sort", ["", "-name"])
def test_pinyin_stands_before_initials_and_pages_lead_through_both(
    cast: Cast, sign_in: Any, sort: str
) -> None:
    client = sign_in(cast.operator)
    for n in range(30):
        named(cast, "王示例", student_no=f"1{n}")
        named(cast, "韦安予", student_no=f"2{n}")
    both = named(cast, "万安宁")
    asked = {"q": "wa"} | ({"sort": sort} if sort else {})
    address = f"{reverse(ROSTER)}?{urlencode(asked)}"
    first = client.get(address)
    assert first.context["total"] == 61
    second = client.get(reverse(ROSTER) + first.context["cursor"]["next"])
    names = [s.name for page in (first, second) for s in page.context["page"]]
    wanted = ["万安宁", *["王示例"] * 30, *["韦安予"] * 30]
    assert names == (wanted[::-1] if sort else wanted)
    # The export holds the same students in the same order.
    mine = Student.objects.for_school(cast.school)
    assert [s.name for s in Filters(QueryDict(urlencode(asked)), []).every(mine)] == names
    assert not second.context["cursor"]["next"]
    back = client.get(reverse(ROSTER) + second.context["cursor"]["previous"])
    assert back.context["page"] == first.context["page"]
    assert not back.context["cursor"]["previous"]
    # Who has just left the list still marks his place in it, in his own part.
    left = first.context["page"][40]
    Student.objects.for_school(cast.school).filter(pk=left.pk).update(
        status="left", left_on=date(2026, 9, 1)
    )
    rest = client.get(f"{address}&cursor={left.pk}")
    assert [s.pk for s in rest.context["page"]] == [
        s.pk for s in [*first.context["page"][41:], *second.context["page"]]
    ]
    with acting_for(cast.school):
        assert both in Student.objects.for_school(cast.school).named_like("wa")


def test_the_list_asks_the_same_of_many_and_pages_by_place(
    cast: Cast, sign_in: Any, django_assert_num_queries: Any
) -> None:
    client = sign_in(cast.operator)
    address = reverse(ROSTER)
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    crowd(cast.school, 400)
    with django_assert_num_queries(len(few)):
        shown = client.get(address)
    seen = [s.pk for s in shown.context["page"]]
    while following := shown.context["cursor"]["next"]:
        shown = client.get(address + following)
        seen += [s.pk for s in shown.context["page"]]
    here = Student.objects.for_school(cast.school).exclude(status="left")
    assert seen == list(here.order_by("pinyin", "id").values_list("pk", flat=True))
    back = client.get(address + shown.context["cursor"]["previous"])
    assert [s.pk for s in back.context["page"]] == seen[-len(shown.context["page"]) - 50 :][:50]


def test_of_a_search_no_more_are_counted_than_anybody_reads(
    cast: Cast, sign_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("students.views.roster.MOST_FOUND", 2)
    for n in range(3):
        named(cast, f"欧样{n}")
    client = sign_in(cast.operator)
    found = client.get(reverse(ROSTER), {"q": "欧"}).context
    assert (found["total"], found["unit"]) == (2, "人以上")
    # All of them are on the page, and the whole list is counted as before.
    assert len(found["page"]) == 3
    every = client.get(reverse(ROSTER)).context
    assert (every["total"], every["unit"]) == (
        Student.objects.filter(school=cast.school).count(),
        "人",
    )


def test_an_exact_number_never_stands_in_an_address(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.operator)
    row = cast.a.students[0]
    number = row.id_number.reveal()
    answer = client.get(reverse(ROSTER), {"q": number})
    assert answer.status_code == 302
    assert number not in answer["Location"]
    found = client.post(reverse("students:find"), {"number": f" {number.lower()} "})
    assert found["Location"] == reverse("students:student", kwargs={"student_id": row.pk})
    with acting_for(cast.school):
        event = Event.objects.get(verb="student.find")
    assert (event.about_id, event.facts) == (row.pk, {"found": True})
    assert number not in str(vars(event))


def test_a_number_of_nobody_here_is_recorded_too(cast: Cast, sign_in: Any) -> None:
    foreign = cast.b.students[0]
    with acting_for(cast.b.school):
        number = Student.objects.get(pk=foreign.pk).id_number.reveal()
    answer = sign_in(cast.operator).post(reverse("students:find"), {"number": number})
    assert "名册中没有这个号码的学生" in answer.content.decode()
    with acting_for(cast.school):
        assert Event.objects.get(verb="student.find").facts == {"found": False}


def test_half_a_number_is_neither_looked_up_nor_recorded(cast: Cast, sign_in: Any) -> None:
    answer = sign_in(cast.operator).post(reverse("students:find"), {"number": "990199"})
    assert "请核对位数" in answer.content.decode()
    with acting_for(cast.school):
        assert not Event.objects.filter(verb="student.find").exists()
    mine = Student.objects.for_school(cast.school)
    with pytest.raises(Refused, match="不是完整的"):
        find_by_number(students=mine, school=cast.school, number="990199", by=cast.operator)


def test_a_head_teacher_finds_only_his_own_students(cast: Cast, sign_in: Any) -> None:
    row = cast.a.students[0]
    number = row.id_number.reveal()
    client = sign_in(cast.head_teacher)
    assert client.post(reverse("students:find"), {"number": number}).status_code == 302
    with acting_for(cast.school):
        cast.a.school_class.head_teacher = None
        cast.a.school_class.save()
    answer = client.post(reverse("students:find"), {"number": number})
    assert "名册中没有" in answer.content.decode()


def test_who_is_here_comes_before_who_left_under_the_same_number(cast: Cast) -> None:
    gone = cast.a.students[0]
    change_enrolment(
        student=gone, kind="withdraw", on=date(2026, 9, 1), reason="因故", by=cast.operator
    )
    number = gone.id_number.reveal()
    back = student(cast.a.school_class, "张示远", id_number=number)
    mine = Student.objects.for_school(cast.school)
    found = find_by_number(students=mine, school=cast.school, number=number, by=cast.operator)
    assert found == back


# --- kept filters


def test_a_filter_is_kept_used_and_dropped(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.operator)
    client.post(
        reverse("students:filter_keep"),
        {"name": "走读生", "boarding": "day", "q": "张示远", "cursor": "3"},
    )
    kept = SavedFilter.objects.get()
    assert kept.query == "boarding=day"
    assert "走读生" in client.get(reverse(ROSTER)).content.decode()
    assert "走读生" not in sign_in(cast.reviewer).get(reverse(ROSTER)).content.decode()
    drop, which = reverse("students:filter_drop"), {"kept": kept.pk}
    sign_in(cast.reviewer).post(drop, which)
    assert SavedFilter.objects.exists()
    client = sign_in(cast.operator)
    assert [client.post(drop, which).status_code for _ in "ab"] == [302, 302]
    assert not SavedFilter.objects.exists()


def test_a_filter_needs_a_name_of_its_own_and_something_to_filter(cast: Cast) -> None:
    keep_filter(school=cast.school, name="走读生", query="boarding=day", by=cast.operator)
    with pytest.raises(Refused, match="已有名为"):
        keep_filter(school=cast.school, name="走读生 ", query="boarding=day", by=cast.operator)
    with pytest.raises(Refused) as refused:
        keep_filter(school=cast.school, name=" ", query="", by=cast.operator)
    assert len(refused.value.reasons) == 2
    keep_filter(school=cast.school, name="走读生", query="boarding=day", by=cast.reviewer)
