"""Fixtures of this app's tests."""

from collections.abc import Sequence
from types import ModuleType

import pytest
from django.db.models import QuerySet

from review.actions import cases, confirmations, meetings
from review.models import Case

RELATED = ("application", "student", "school_class", "proposed_tier", "decided_tier", "decide_by")
MODULES: tuple[ModuleType, ...] = (cases, confirmations, meetings)


def _read(found: QuerySet[Case]) -> list[Case]:
    return list(found.select_related(*RELATED).order_by("pk"))


def _write(found: Sequence[Case], *, sources: object, fields: Sequence[str]) -> None:
    if found:
        Case.objects.bulk_update(found, ["status", *fields])


@pytest.fixture
def no_guards(no_locks: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither one row nor many are locked, and nobody looks whether a case moved meanwhile."""
    for module in MODULES:
        monkeypatch.setattr(module, "locked", _read)
        monkeypatch.setattr(module, "write", _write)
