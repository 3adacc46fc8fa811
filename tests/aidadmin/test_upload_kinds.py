"""Every upload of a table names the kinds of files that are taken, and takes no other list."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, Template

from office.spreadsheets.sniffing import ACCEPTED, ENDINGS

TEMPLATES = Path(settings.BASE_DIR) / "templates"
# The bank's form of a returned file says which it is; the page of parts shows an example.
OF_THEIR_OWN = {"disbursement/batch.html", "styles.html"}


def uploads() -> dict[str, str]:
    """Templates with an upload of tables, and its tag."""
    found = {}
    for path in sorted(TEMPLATES.rglob("*.html")):
        for tag in re.findall(r"<c-drop (.*?)/>", path.read_text(), re.DOTALL):
            if ".xls" in tag or "accepted" in tag:
                found[str(path.relative_to(TEMPLATES))] = tag
    return found


def test_the_kinds_are_written_in_one_place() -> None:
    found = uploads()
    assert len(found) > len(OF_THEIR_OWN)
    by_hand = {name for name, tag in found.items() if "{{ accepted }}" not in tag}
    assert by_hand == OF_THEIR_OWN
    assert all("{{ endings }}" in tag for name, tag in found.items() if name not in by_hand)


@pytest.mark.parametrize("name", sorted(set(uploads()) - OF_THEIR_OWN))
def test_the_page_gives_them(name: str) -> None:
    source = (TEMPLATES / name).read_text()
    assert "{% table_endings as endings %}" in source
    assert "{% tables_accepted as accepted %}" in source


def test_what_is_said_and_what_is_taken() -> None:
    shown = Template("{% load ui %}{% table_endings %} {% tables_accepted %}").render(Context())
    assert shown == f"{'、'.join(ENDINGS)} {','.join(ACCEPTED)}"
    assert {".xlsx", ".xls", ".et", ".csv"} <= set(ENDINGS) <= set(ACCEPTED)
