"""What a family drew under its commitment stands on the printed form (row 0-24)."""

import io
from collections.abc import Iterable
from typing import Any

import pytest
from docx import Document
from pypdf import PdfReader

from applications.actions.reading import open_household
from applications.models import Application, Round
from applications.paper_forms import filled_form
from tests.applications import family, scenes
from tests.cast import Cast

ON_THE_PHONE = "在手机上阅读后签字"


@pytest.fixture
def signed(cast: Cast, round_: Round) -> Application:
    """A form that a family signed on the screen and the head teacher accepted."""
    row = family.handed_over(round_, cast.a.students[0], cast.head_teacher)
    return family.accept(row, cast.head_teacher)


def _printed(client: Any, row: Application, **how: str) -> bytes:
    url = f"/applications/entries/{row.pk}/form/"
    return bytes(client.post(url, {"reason": "存档", **how}).content)


def _page(content: bytes) -> tuple[str, int]:
    (page,) = PdfReader(io.BytesIO(content)).pages
    return "".join(page.extract_text().split()), len(page.images)


def test_the_drawn_signature_is_printed(cast: Cast, signed: Application, sign_in: Any) -> None:
    client = sign_in(cast.head_teacher)
    text, pictures = _page(_printed(client, signed))
    assert pictures == 1
    assert f"本人承诺以上所填写资料真实，如有虚假，愿承担相应责任。（{ON_THE_PHONE}）" in text
    document = Document(io.BytesIO(_printed(client, signed, **{"as": "word"})))
    assert len(document.inline_shapes) == 1
    assert any(ON_THE_PHONE in row.cells[1].text for t in document.tables for row in t.rows)


def test_who_signs_on_paper_has_two_lines_for_it(cast: Cast, round_: Round, sign_in: Any) -> None:
    row = scenes.entered(round_, cast.a.students[1], cast.head_teacher)
    client = sign_in(cast.head_teacher)
    text, pictures = _page(_printed(client, row))
    assert (pictures, ON_THE_PHONE in text) == (0, False)
    document = Document(io.BytesIO(_printed(client, row, **{"as": "word"})))
    assert len(document.inline_shapes) == 0


def test_a_signature_is_good_for_its_own_form_alone(
    cast: Cast, round_: Round, signed: Application
) -> None:
    other = scenes.entered(round_, cast.a.students[1], cast.head_teacher)
    for row, drawn in ((signed, True), (other, False)):
        household = open_household(row)
        assert household is not None
        assert bool(household.signature) == drawn
        assert bool(filled_form(row, household)["signature"]) == drawn  # type: ignore[index,call-overload]
        assert "signature" not in repr(household)


KNOWN = {"panel": "特别困难", "grade": "一般困难"}


def known(round_: Round, students: Iterable[int]) -> dict[int, dict[str, str]]:
    """A floor above, as `FORM_READINGS` names it."""
    return dict.fromkeys(students, KNOWN)


def test_what_the_panel_suggested_and_what_was_decided_are_printed(
    cast: Cast, signed: Application, sign_in: Any, settings: Any
) -> None:
    client = sign_in(cast.head_teacher)
    text, _ = _page(_printed(client, signed))
    assert text.count("□特别困难□困难□一般困难□不困难") == 2
    settings.FORM_READINGS = [f"{__name__}.known"]
    text, _ = _page(_printed(client, signed))
    assert "建议等级：特别困难评议" in text
    assert "认定等级：一般困难" in text
    assert "□特别困难" not in text
    document = Document(io.BytesIO(_printed(client, signed, **{"as": "word"})))
    words = "".join(cell.text for t in document.tables for cell in t.columns[1].cells)
    assert "建议等级：特别困难\n" in words
    assert "认定等级：一般困难\n" in words
