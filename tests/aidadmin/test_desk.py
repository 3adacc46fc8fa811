"""The desk: to-dos soonest first, the term's dates, running rounds, anomalies; few queries."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from aidadmin import floors
from aidadmin.overview import dates
from office.desk import Anomaly, Todo
from schools import clock
from schools.models import Term
from schools.official import calendar
from students.rules.rollover import season_of
from tests.aidadmin import scenes
from tests.cast import Cast

TODOS = [
    Todo("远的", "九月底", "/far/", "去办", date(2026, 9, 30)),
    Todo("没有期限的", "随时", "/any/", "去办"),
    Todo("今天的", "今天", "/today/", "去办", date(2026, 9, 1)),
    Todo("逾期的", "昨天", "/late/", "去办", date(2026, 8, 31)),
    Todo("明天的", "明天", "/soon/", "去办", date(2026, 9, 2), provisional=True),
]


@pytest.fixture
def owing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The floors owe a fixed list, so that only the desk is judged."""
    monkeypatch.setattr(floors, "_TODOS", (lambda by: list(TODOS),))
    anomalies = [
        Anomaly("退汇", 3, "三人的卡已注销。", "/returns/", "bad"),
        Anomaly("没有的事", 0, "", "/none/"),
    ]
    monkeypatch.setattr(floors, "_ANOMALIES", (lambda by: list(anomalies),))


def test_the_soonest_deadline_comes_first(cast: Cast, sign_in: Any, owing: None) -> None:
    page = sign_in(cast.operator).get("/")
    titles = [one["todo"].title for one in page.context["tasks"]]
    assert titles == ["逾期的", "今天的", "明天的", "远的", "没有期限的"]
    text = page.content.decode()
    assert text.index("逾期1个工作日") < text.index("今天截止") < text.index("剩1个工作日")
    assert page.context["overdue"] == page.context["due_today"] == page.context["due_soon"] == 1
    assert text.count('<a class="btn primary"') == 1
    assert "截止日期暂定" in text


def test_only_what_there_is_looks_wrong(cast: Cast, sign_in: Any, owing: None) -> None:
    text = sign_in(cast.operator).get("/").content.decode()
    assert "退汇" in text
    assert "查看3人" in text
    assert "没有的事" not in text


def test_todos_are_asked_for_once_a_request(
    cast: Cast, sign_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def ask(by: Any) -> list[Todo]:
        asked.append(by)
        return []

    monkeypatch.setattr(floors, "_TODOS", (ask,))
    sign_in(cast.operator).get("/")
    assert len(asked) == 1


def test_an_empty_desk_says_what_will_come(
    cast: Cast, sign_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(floors, "_TODOS", ())
    text = sign_in(cast.a.committee).get("/").content.decode()
    assert "现在没有要您办的事" in text
    assert "没有进行中的批次" in text


@pytest.mark.parametrize(
    ("on", "now", "at"),
    [
        (date(2026, 9, 1), "9月1日—8日", "4%"),
        (date(2026, 9, 15), "9月1日—8日", "50%"),
        (date(2026, 11, 27), "9月29日", "76%"),
        (date(2026, 12, 31), "12月31日", "4%"),
    ],
)
def test_today_stands_on_the_line_of_the_term(cast: Cast, on: date, now: str, at: str) -> None:
    marks = dates.line(calendar(), cast.term, on)
    here = [m for m in marks if m.state == "now"]
    assert [(m.when, m.at) for m in here] == [(now, at)]
    assert marks.index(here[0]) == sum(m.state == "past" for m in marks)


def test_before_the_term_nothing_of_it_has_begun(cast: Cast) -> None:
    marks = dates.line(calendar(), cast.term, date(2026, 8, 20))
    assert {m.state for m in marks} == {""}


def test_dates_to_come_count_working_days(cast: Cast) -> None:
    texts = [m.text for m in dates.line(calendar(), cast.term, date(2026, 9, 15))]
    # 61 and 73 working days, with the holidays of autumn taken off.
    assert "学期排查报送，剩61个工作日" in texts
    assert "国家奖学金发放到卡，剩73个工作日" in texts


def test_graduation_is_counted_to_the_day_on_which_they_leave(cast: Cast) -> None:
    """As the to-do counts it, and from the day on which 升班 opens: not until that day."""
    spring = Term.objects.get(code="2026-2")
    opened = date(2027, 6, 17)
    season = season_of(spring, calendar(), opened)
    assert season is not None
    assert season.opens_on == opened
    (mark,) = [m for m in dates.line(calendar(), spring, opened) if "办理毕业" in m.text]
    last = spring.ends_on
    assert mark.when == f"6月17日—{last.month}月{last.day}日"
    assert mark.state == "now"
    assert mark.text == "办理毕业，20个工作日，剩20个工作日（暂定）"


def test_holidays_ahead_are_told_with_the_weekends_worked(cast: Cast) -> None:
    assert dates.ahead(calendar(), date(2026, 9, 15)) == (
        "9月20日（周日）上班，9月25日至27日中秋节放假，10月1日至7日国庆节放假，10月10日（周六）上班"
    )
    assert dates.ahead(calendar(), date(2026, 11, 1)) == ""


def test_a_school_sees_its_running_rounds(cast: Cast, sign_in: Any) -> None:
    placed = scenes.school(cast.district, cast.district, 51, progress=scenes.APPLIED)
    with clock.at(date(2026, 9, 4)):
        page = sign_in(placed.operator).get("/")
    [running] = page.context["rounds"]
    assert (running.title, running.left) == ("家庭经济困难认定", 2)
    assert running.steps[0].done == 2
    assert running.steps[0].state == "now"
    with clock.at(date(2026, 9, 10)):
        page = sign_in(placed.operator).get("/")
    [running] = page.context["rounds"]
    assert running.left is None
    assert running.steps[0].state == "done"
    assert running.owed.startswith("2人已提交，还没有进入评审")
    assert "还没有进入评审" in page.content.decode()


def test_a_head_teachers_desk_is_short(cast: Cast, sign_in: Any) -> None:
    page = sign_in(cast.head_teacher).get("/")
    assert "rounds" not in page.context
    assert "进行中的批次" not in page.content.decode()
    assert "本学期法定时间" in page.content.decode()


def test_a_bureaus_desk_begins_with_whom_to_call(cast: Cast, sign_in: Any) -> None:
    scenes.school(cast.district, cast.district, 51, name="某校", progress=scenes.CLASSES)
    with clock.at(date(2026, 10, 30)):
        text = sign_in(cast.bureau_operator).get("/").content.decode()
    assert text.index("今天要打电话的") < text.index("要办的事")
    assert "某校" in text


def test_as_many_queries_for_many_students(cast: Cast, sign_in: Any) -> None:
    few = scenes.school(cast.district, cast.district, 51, progress=scenes.APPRAISED, pupils=2)
    many = scenes.school(cast.district, cast.district, 52, progress=scenes.APPRAISED, pupils=30)

    def count(operator: Any) -> int:
        client = sign_in(operator)
        client.get("/")
        with CaptureQueriesContext(connection) as queries:
            client.get("/")
        return len(queries)

    assert count(few.operator) == count(many.operator)
