"""系统录入: which lists are owed, what changed since, and that two persons stand behind each."""

import io
from datetime import date
from typing import Any
from urllib.parse import unquote

import openpyxl
import pytest
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext

from applications.models import Programme
from audit.refusal import Refused
from disbursement import actions, navigation, upkeep
from disbursement.models import SystemEntry
from disbursement.upkeep import Duty, duties
from schools import clock
from tests.cast import Cast
from tests.disbursement import cases
from tests.disbursement.cases import AMOUNT, Aid, run_sql
from tests.disbursement.pages import get, post
from tests.disbursement.test_months import change

MONTHLY, PER_TERM = Programme.Cadence.MONTHLY, Programme.Cadence.PER_TERM


def cadences(its: Aid, *, money: str = PER_TERM, entry: str = PER_TERM) -> None:
    its.programme.money_cadence, its.programme.entry_cadence = money, entry
    its.programme.save()


@pytest.fixture
def granted(all_ready: Aid) -> Aid:
    """Three awards of a term, entered once a term."""
    actions.grant_awards(round_=all_ready.round, by=all_ready.staffed.operator)
    return all_ready


@pytest.fixture
def by_month(all_ready: Aid) -> Aid:
    """The same, entered by the month."""
    cadences(all_ready, entry=MONTHLY)
    actions.grant_awards(round_=all_ready.round, by=all_ready.staffed.operator)
    return all_ready


def owed(its: Aid) -> list[Duty]:
    return duties(its.school, its.term)


def enter(its: Aid, duty: Duty) -> SystemEntry:
    return actions.note_entered(
        school=its.school,
        programme=its.programme,
        term=its.term,
        month=duty.month,
        shown=duty.mark,
        by=its.staffed.operator,
    )


def checked(its: Aid, duty: Duty) -> SystemEntry:
    return actions.check_entry(entry=enter(its, duty), by=its.staffed.reviewer)


def states(its: Aid) -> list[tuple[int, str]]:
    return [(duty.month, duty.state) for duty in owed(its)]


def texts(refused: Any) -> list[str]:
    return [reason.text for reason in refused.value.reasons]


def test_a_term_is_entered_once_and_by_two_persons(granted: Aid) -> None:
    (duty,) = owed(granted)
    assert (duty.state, duty.label, duty.people, duty.amount_fen) == (
        "open", "本学期", 3, 3 * AMOUNT,
    )  # fmt: skip
    assert duty.due_on == granted.term.ends_on
    entry = enter(granted, duty)
    assert (entry.number, entry.people, entry.amount_fen) == (1, 3, 3 * AMOUNT)
    assert entry.held == {str(s.pk): AMOUNT for s in granted.staffed.students}
    assert states(granted) == [(0, "entered")]
    actions.check_entry(entry=entry, by=granted.staffed.reviewer)
    assert states(granted) == [(0, "checked")]


@pytest.mark.parametrize(
    ("cadence", "label"), [("per_term", "本学期"), ("per_year", "本学年"), ("once", "本学年")]
)
def test_how_often_it_is_entered_is_told(granted: Aid, cadence: str, label: str) -> None:
    cadences(granted, entry=cadence)
    assert [duty.label for duty in owed(granted)] == [label]


def test_by_the_month_each_begun_month_is_a_list(by_month: Aid) -> None:
    assert [duty.label for duty in owed(by_month)] == ["9月", "10月", "11月"]
    # The list was settled in November: until then nobody could enter it.
    assert {duty.due_on for duty in owed(by_month)} == {date(2026, 11, 30)}
    with clock.at(date(2026, 12, 1)):
        assert [duty.label for duty in owed(by_month)][3:] == ["12月"]
        assert owed(by_month)[3].due_on == date(2026, 12, 31)
    with clock.at(date(2027, 6, 1)):
        assert [duty.month for duty in owed(by_month)] == [1, 2, 3, 4, 5]


def test_what_is_paid_by_the_month_is_entered_with_the_months_amount(all_ready: Aid) -> None:
    cadences(all_ready, money=MONTHLY, entry=MONTHLY)
    actions.grant_awards(round_=all_ready.round, by=all_ready.staffed.operator)
    assert {duty.amount_fen for duty in owed(all_ready)} == {3 * AMOUNT}
    cadences(all_ready, money=MONTHLY)
    assert [duty.amount_fen for duty in owed(all_ready)] == [5 * 3 * AMOUNT]


def test_who_was_away_the_whole_month_is_not_on_its_list(by_month: Aid) -> None:
    someone = by_month.staffed.students[0]
    change(by_month, someone, "suspend", date(2026, 9, 30))
    assert [someone.pk in duty.held for duty in owed(by_month)] == [True, False, False]
    # A list that is entered by the term holds him: he was in school in it.
    cadences(by_month)
    assert someone.pk in owed(by_month)[0].held


def test_what_changes_afterwards_is_owed_again_and_told_by_person(by_month: Aid) -> None:
    people = by_month.staffed
    for duty in owed(by_month):
        checked(by_month, duty)
    award = cases.award_of(people.students[0])
    actions.revoke(award=award, reason="情况不实", by=people.operator)
    for duty in owed(by_month):
        assert (duty.state, duty.gone, duty.added) == ("changed", [people.students[0].pk], [])
    again = checked(by_month, owed(by_month)[0])
    assert (again.number, again.people) == (2, 2)
    assert states(by_month) == [(1, "checked"), (2, "changed"), (3, "changed")]


def test_another_amount_is_a_change(granted: Aid) -> None:
    someone = granted.staffed.students[0]
    checked(granted, owed(granted)[0])
    run_sql("UPDATE disbursement_award SET amount_fen = 1 WHERE student_id = %s", someone.pk)
    (duty,) = owed(granted)
    assert (duty.state, duty.altered) == ("changed", [someone.pk])


def test_a_list_that_became_empty_is_still_owed(granted: Aid) -> None:
    checked(granted, owed(granted)[0])
    for someone in granted.staffed.students:
        actions.revoke(
            award=cases.award_of(someone), reason="情况不实", by=granted.staffed.operator
        )
    (duty,) = owed(granted)
    assert (duty.state, duty.people, len(duty.gone)) == ("changed", 0, 3)
    assert enter(granted, duty).people == 0


def test_sent_back_it_is_entered_again(granted: Aid) -> None:
    entry = enter(granted, owed(granted)[0])
    actions.refuse_entry(entry=entry, answer="少一人", by=granted.staffed.leader)
    (duty,) = owed(granted)
    assert (duty.state, duty.owed, len(duty.added)) == ("refused", True, 3)
    assert enter(granted, duty).number == 2


def test_every_reason_why_it_is_not_entered(granted: Aid) -> None:
    (duty,) = owed(granted)
    enter(granted, duty)
    told = {"school": granted.school, "programme": granted.programme, "term": granted.term}
    with pytest.raises(Refused) as refused:
        actions.note_entered(**told, month=0, shown="x", by=granted.staffed.reviewer)
    assert texts(refused) == [
        "您的职责不能登记系统录入",
        "名单刚刚有变动，与您看到的不同",
        "上一次录入还没有审核",
    ]
    with pytest.raises(Refused, match="没有要录入的名单"):
        actions.note_entered(**told, month=1, shown=duty.mark, by=granted.staffed.operator)
    actions.check_entry(entry=SystemEntry.objects.get(), by=granted.staffed.reviewer)
    with pytest.raises(Refused, match="已经录入，没有变动"):
        enter(granted, duty)


def test_every_reason_why_it_is_not_checked(granted: Aid, cast: Cast) -> None:
    people = granted.staffed
    entry = enter(granted, owed(granted)[0])
    actions.revoke(award=cases.award_of(people.students[0]), reason="情况不实", by=people.operator)
    own = people.reviewer
    own.person_id = entry.entered_by_id
    for by in (own, people.operator):
        with pytest.raises(Refused) as refused:
            actions.check_entry(entry=entry, by=by)
        assert "录入之后名单又有变动" in texts(refused)
        assert {"录入的人不能审核自己的录入", "您的职责不能审核系统录入"} & set(texts(refused))
    with pytest.raises(Refused) as refused:
        actions.refuse_entry(entry=entry, answer=" ", by=own)
    assert texts(refused) == ["录入的人不能退回自己的录入", "没有写明退回的原因"]
    with pytest.raises(Refused, match="您的职责不能退回系统录入"):
        actions.refuse_entry(entry=entry, answer="少一人", by=cast.b.reviewer)
    assert SystemEntry.objects.get().status == "entered"


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("status = 'checked', check_by_id = entered_by_id, check_at = now()", "second_person"),
        (
            "status = 'refused', refuse_by_id = entered_by_id, refuse_at = now(), answer = 'x'",
            "second_person",
        ),
        ("status = 'checked'", "stamps"),
        ("status = 'refused'", "stamps"),
        ("status = 'withdrawn'", "stamps"),
        ("withdraw_at = now()", "stamps"),
        (
            "status = 'checked', check_by_id = entered_by_id + 1, check_at = now(),"
            " withdraw_at = now()",
            "stamps",
        ),
        ("answer = 'x'", "stamps"),
        ("people = people + 1", "stands"),
        ("held = '{}'", "stands"),
        ("entered_at = now()", "stands"),
    ],
)
def test_the_database_refuses_by_itself(granted: Aid, change: str, constraint: str) -> None:
    enter(granted, owed(granted)[0])
    with pytest.raises(DatabaseError, match=f"system.entry.*{constraint}"):
        run_sql(f"UPDATE disbursement_systementry SET {change}")


def test_what_was_answered_stands_and_nothing_is_deleted(granted: Aid) -> None:
    checked(granted, owed(granted)[0])
    for statement in (
        "UPDATE disbursement_systementry SET check_at = now()",
        "UPDATE disbursement_systementry SET status = 'entered', check_by_id = NULL,"
        " check_at = NULL",
        "DELETE FROM disbursement_systementry",
    ):
        with pytest.raises(DatabaseError, match="stands"):
            run_sql(statement)


def test_the_desk_tells_the_officer_and_then_the_second_person(by_month: Aid) -> None:
    people = by_month.staffed
    (todo,) = (t for t in navigation.todos(people.operator) if "全国系统" in t.title)
    assert (todo.title, todo.count, todo.due_on) == (
        "把3份资助名单录入全国系统", 3, date(2026, 11, 30),
    )  # fmt: skip
    for duty in owed(by_month):
        enter(by_month, duty)
    assert not any("全国系统" in t.title for t in navigation.todos(people.operator))
    (todo,) = (t for t in navigation.todos(people.reviewer) if "系统录入" in t.title)
    assert (todo.title, todo.count) == ("审核3份系统录入", 3)
    actions.refuse_entry(entry=SystemEntry.objects.first(), answer="x", by=people.reviewer)  # type: ignore[arg-type]
    assert any("把1份" in t.title for t in navigation.todos(people.operator))


def test_where_nothing_is_owed_the_desk_asks_once(by_month: Aid) -> None:
    for duty in owed(by_month):
        checked(by_month, duty)
    with CaptureQueriesContext(connection) as seen:
        assert not upkeep.may_be_owed(by_month.school.pk)
    assert len(seen) == 1
    with clock.at(date(2026, 12, 1)):
        assert upkeep.may_be_owed(by_month.school.pk)


def test_in_the_holidays_the_last_term_is_still_owed(by_month: Aid) -> None:
    with clock.at(date(2027, 2, 1)):
        assert upkeep.last_begun() == by_month.term
        (todo,) = (t for t in navigation.todos(by_month.staffed.operator) if "全国" in t.title)
        assert todo.count == 5


def test_what_the_last_term_forgot_is_owed_until_it_is_done(by_month: Aid, sign_in: Any) -> None:
    people, school = by_month.staffed, by_month.school
    for duty in owed(by_month):
        checked(by_month, duty)
    with clock.at(clock.office_opens(date(2027, 4, 1))):
        spring = upkeep.last_begun()
        assert spring is not None
        assert spring.code == "2026-2"
        (todo,) = (t for t in navigation.todos(people.operator) if "全国" in t.title)
        assert (todo.title, todo.due_on) == ("把2份资助名单录入全国系统", date(2026, 12, 31))
        assert todo.url.endswith("?term=2026-1")
        page = get(sign_in(people.operator), "upkeep")
        assert 'href="?term=2026-1"' in page
        assert "没有录入" in page
        for duty in duties(school, by_month.term):
            if duty.owed:
                enter(by_month, duty)
        assert not any("全国" in t.title for t in navigation.todos(people.operator))
        assert 'href="?term=2026-1"' in get(sign_in(people.reviewer), "upkeep")
        assert not upkeep.may_be_owed(school.pk)


def test_sent_back_it_is_compared_with_what_was_checked(by_month: Aid, sign_in: Any) -> None:
    people = by_month.staffed
    first = owed(by_month)[0]
    entry = enter(by_month, first)
    actions.refuse_entry(entry=entry, answer="少一人", by=people.leader)
    client = sign_in(people.operator)
    assert "新增" not in get(client, "upkeep_list", first.key), "nothing there to compare with"
    checked(by_month, owed(by_month)[0])
    actions.revoke(award=cases.award_of(people.students[0]), reason="不实", by=people.operator)
    actions.refuse_entry(entry=enter(by_month, owed(by_month)[0]), answer="x", by=people.leader)
    duty = owed(by_month)[0]
    assert (duty.state, duty.gone, duty.added) == ("refused", [people.students[0].pk], [])
    page = get(client, "upkeep_list", first.key)
    assert "不再享受" in page
    assert "新增" not in page


def test_the_pages_lead_through_it(by_month: Aid, sign_in: Any) -> None:
    people = by_month.staffed
    client = sign_in(people.operator)
    assert get(client, "upkeep").count("未录入") == 3
    key = owed(by_month)[1].key
    page = get(client, "upkeep_list", key)
    assert people.students[0].name in page
    assert "已录入全国系统" in page
    assert "审核通过" not in page
    mark = owed(by_month)[1].mark
    assert post(client, "upkeep_enter", key, mark=mark).status_code == 302
    # The second click finds it entered.
    assert post(client, "upkeep_enter", key, mark=mark).status_code == 409
    assert "由审核人或分管领导办理" in get(client, "upkeep_list", key)
    client, entry = sign_in(people.reviewer), SystemEntry.objects.get()
    assert "退回这次录入" in get(client, "upkeep_list", key)
    assert post(client, "entry_refuse", entry.pk, reason="少一人").status_code == 302
    client = sign_in(people.operator)
    assert "少一人" in get(client, "upkeep_list", key)
    post(client, "upkeep_enter", key, mark=mark)
    newest = SystemEntry.objects.order_by("-number")[0]
    assert post(sign_in(people.reviewer), "entry_check", newest.pk).status_code == 302
    assert "第2次" in get(client, "upkeep_list", key)


def test_the_list_leaves_as_a_workbook_with_masks(by_month: Aid, sign_in: Any) -> None:
    key = owed(by_month)[0].key
    answer = post(sign_in(by_month.staffed.finance), "upkeep_export", key)
    # Two programmes of one month are two files.
    assert "国家助学金9月" in unquote(answer.headers["Content-Disposition"])
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    rows = list(sheet.iter_rows(values_only=True))  # type: ignore[union-attr]
    someone = by_month.staffed.students[0]
    assert [someone.name, str(someone.id_number)] == [rows[1][0], rows[1][3]]
    assert "*" in rows[1][3]
    assert len(rows) == 4


@pytest.mark.parametrize("key", ["x", "1-2026-1-99", "1-2030-1-1", "²-2026-1-1", "1-２０26-1-1"])
def test_a_list_that_is_none_is_not_found(by_month: Aid, sign_in: Any, key: str) -> None:
    client = sign_in(by_month.staffed.operator)
    assert client.get(f"/disbursement/upkeep/lists/{key}/").status_code == 404


def test_more_lists_cost_no_more_queries(by_month: Aid) -> None:
    with CaptureQueriesContext(connection) as few:
        owed(by_month)
    assert len(few) <= 5
    with clock.at(date(2027, 1, 10)), CaptureQueriesContext(connection) as more:
        assert len(owed(by_month)) == 5
    assert len(more) == len(few)
