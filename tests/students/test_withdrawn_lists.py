"""A list withdrawn while its questions and differing names are open; its page of the dropped."""

import re
from datetime import date
from typing import Any

from django.urls import reverse

from schools.scope import acting_for
from students.actions import match_newcomers, withdraw_list
from students.models import DepartmentList
from tests.cast import Cast
from tests.students.test_candidates import NUMBER, match, person, questions
from tests.students.test_endings import newer
from tests.students.test_names_that_differ import otherwise, told

LATER = date(2026, 8, 30)


def withdraw(cast: Cast, listed: DepartmentList) -> None:
    with acting_for(cast.district):
        withdraw_list(listed=listed, reason="名单有误", by=cast.bureau_reviewer)


def beat(cast: Cast) -> None:
    """Within half an hour, on the same day."""
    with acting_for(cast.district):
        match_newcomers(bureau=cast.district)


def test_what_the_older_list_writes_otherwise_is_told_again_the_same_day(cast: Cast) -> None:
    otherwise(cast)
    latest = otherwise(cast, "张示远", issued_on=LATER)
    assert told(cast) == []
    withdraw(cast, latest)
    beat(cast)
    assert told(cast) == [("张示远", "第2个字不同")]


def test_whom_the_older_list_asks_about_is_asked_again_the_same_day(cast: Cast) -> None:
    match(cast, person(身份证号码=NUMBER))
    latest = match(cast, person(身份证号码=NUMBER), issued_on=LATER)
    withdraw(cast, latest)
    assert [q.status for q in questions()] == ["moot"]
    beat(cast)
    assert [q.status for q in questions()] == ["waiting"]


def test_a_withdrawn_list_tells_of_nobody_whom_it_does_not_name(cast: Cast, sign_in: Any) -> None:
    with acting_for(cast.district):
        listed = newer(cast)
    url = reverse("students:list_dropped", kwargs={"list_id": listed.pk})
    client = sign_in(cast.bureau_operator)
    assert client.get(url).context["total"] == 2
    withdraw(cast, listed)
    answer = client.get(url)
    assert answer.context["total"] == 0
    words = re.sub(r"<[^>]+>", "", answer.content.decode())
    assert "这份名单已撤销" in words
    assert "都在这份名单上" not in words
