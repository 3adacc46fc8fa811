"""What browsers, phones and scripts send that no column can hold: taken out, or nothing found."""

import re
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.http import QueryDict
from django.urls import reverse

from aidadmin.middleware import plain
from office.asked import key_of, keys_of
from schools.tenancy import set_scope
from students.models import SavedFilter
from tests.cast import Cast


@pytest.mark.parametrize("text", ["²", "9" * 5_000, "-1", "1.0", "一", "", None, "1\n2", "٣"])
def test_what_names_no_row_is_none(text: str | None) -> None:
    assert key_of(text) is None


def test_a_row_is_named_by_plain_digits() -> None:
    assert key_of(" 017 ") == 17
    assert keys_of(["3", "²", "", "4"]) == [3, 4]


def test_marks_go_and_words_stay() -> None:
    told = QueryDict("q=张\x00示\u202e远&q=一\t二\r\n三&more=")
    cleaned = plain(told)
    assert cleaned.getlist("q") == ["张示远", "一\t二\r\n三"]
    assert cleaned.getlist("more") == [""]
    with pytest.raises(AttributeError, match="immutable"):
        cleaned["q"] = "x"
    clean = QueryDict("q=张示远")
    assert plain(clean) is clean


LISTS = (
    "/students/roster/",
    "/students/roster/changes/",
    "/applications/entries/",
    "/applications/green/",
    "/disbursement/cards/",
    "/disbursement/cards/?view=missing&",
    "/disbursement/batches/awards/",
    "/screening/unaided/",
)


@pytest.mark.parametrize(
    "asked", ["q=%00", "q=%E5%BC%A0%00", "class=%C2%B2", f"class={'9' * 5_000}"]
)
@pytest.mark.parametrize("page", LISTS)
def test_lists_answer(cast: Cast, sign_in: Any, page: str, asked: str) -> None:
    assert (
        sign_in(cast.operator).get(page + ("" if "?" in page else "?") + asked).status_code == 200
    )


DIGITS = "9" * 5_000
FORMS = (
    ("operator", "students:import_new", {"forget": DIGITS}, 404),
    ("operator", "students:teachers_apply", {"lead": f"{DIGITS}:1"}, 409),
    ("reviewer", "risk_reopen", {"answer": DIGITS}, 409),
    ("bureau_operator", "review:copy_scheme", {"base": DIGITS}, 404),
)


@pytest.mark.parametrize(("role", "name", "told", "status"), FORMS, ids=[f[1] for f in FORMS])
def test_forms_say_no(
    cast: Cast, sign_in: Any, role: str, name: str, told: dict[str, str], status: int
) -> None:
    answer = sign_in(getattr(cast, role)).post(reverse(name), told)
    assert answer.status_code == status


def test_what_people_send_is_made_a_number_in_one_place() -> None:
    """`key_of`; every other way has once been wrong about ² or five thousand digits."""
    folders = (settings.BASE_DIR / app.label for app in apps.get_app_configs())
    sources = [
        source
        for folder in folders
        for source in (*folder.glob("views/*.py"), *folder.glob("*forms.py"))
    ]
    assert len(sources) > 60
    own = [s.name for s in sources if re.search(r"is(digit|decimal|numeric)\(", s.read_text())]
    assert own == []


def test_an_address_with_nothing_in_it_is_not_found(cast: Cast, sign_in: Any) -> None:
    assert sign_in(cast.operator).get("/notices/%00/").status_code == 404


def test_a_form_is_saved_without_them(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.operator)
    client.post("/students/roster/filters/", {"name": "住校\x00生", "boarding": "boarder"})
    set_scope(cast.school.pk)
    assert [f.name for f in SavedFilter.objects.all()] == ["住校生"]
