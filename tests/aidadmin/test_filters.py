"""A list says by what it is filtered, and by nothing else: also when the address asks for nothing.

What a filter does not know is left out, or finds nothing and says so; a list that shows all and
says that it was filtered, or shows nothing and doesn't say why, is believed.
"""

from typing import Any

import pytest
from django.urls import reverse

from schools.scope import acting_for
from students.actions import add_class
from tests.cast import Cast, student

UNKNOWN = ("x", "999999999", "²")
LISTS: tuple[tuple[str, str, dict[str, str], tuple[str, ...]], ...] = (
    ("bureau_operator", "disbursement:upkeep_schools", {}, ("place", "stage", "state", "period")),
    ("city_operator", "disbursement:upkeep_schools", {}, ("place", "stage", "state", "term")),
    ("bureau_operator", "overview", {}, ("stage", "state", "scope")),
    ("admin", "organisations", {}, ("stage", "place", "state")),
    ("bureau_operator", "screening:unaided", {}, ("school", "state")),
    ("operator", "screening:unaided", {}, ("state",)),
    (
        "operator",
        "students:roster",
        {},
        ("grade", "class", "status", "boarding", "campus", "about"),
    ),
    ("operator", "students:changes", {}, ("kind",)),
    ("operator", "students:classes", {}, ("state",)),
    ("operator", "students:groups", {}, ("group", "class", "household")),
    ("operator", "applications:entries", {}, ("status", "class", "round")),
    ("operator", "applications:green", {}, ("only",)),
    ("operator", "disbursement:cards", {}, ("view", "class", "activated")),
    ("operator", "disbursement:cards", {"view": "missing"}, ("class",)),
    ("operator", "disbursement:awards", {}, ("term", "state", "programme", "class")),
    ("operator", "review:recognitions", {}, ("grade", "class", "renewal")),
    ("operator", "risks", {}, ("kind", "state")),
    ("leader", "audit", {}, ("role", "since", "until")),
    ("leader", "people", {}, ("role",)),
)
CASES = [(who, name, given, key) for who, name, given, keys in LISTS for key in keys]


@pytest.mark.parametrize("value", UNKNOWN)
@pytest.mark.parametrize(("who", "name", "given", "key"), CASES, ids=lambda x: str(x))
def test_a_list_says_what_it_is_filtered_by(
    cast: Cast, sign_in: Any, who: str, name: str, given: dict[str, str], key: str, value: str
) -> None:
    client = sign_in(cast.a.leader if who == "leader" else getattr(cast, who))
    whole = client.get(reverse(name), given).context
    asked = client.get(reverse(name), given | {key: value}).context
    told = [one for one in asked.get("applied") or [] if one["key"] == key]
    assert _found(asked) == (0 if told else _found(whole))


def _found(context: Any) -> int:
    """How many the list shows in all its pages, or on its only one."""
    page = context.get("page")
    if hasattr(page, "paginator"):
        return int(page.paginator.count)
    return len(context["rows"] if page is None else page)


def test_a_class_of_another_grade_is_not_shown_as_of_this_one(cast: Cast, sign_in: Any) -> None:
    with acting_for(cast.school):
        other = add_class(
            school=cast.school,
            stage="senior",
            grade=2,
            number=1,
            name="高二（1）班",
            by=cast.operator,
        )
        student(other, "何例安")
    roster, client = reverse("students:roster"), sign_in(cast.operator)
    asked = {"class": str(other.pk)}
    assert [one.name for one in client.get(roster, asked).context["page"]] == ["何例安"]
    both = client.get(roster, asked | {"grade": "senior-1"}).context
    assert [one["value"] for one in both["applied"]] == ["高一", "高二（1）班"]
    assert list(both["page"]) == []
