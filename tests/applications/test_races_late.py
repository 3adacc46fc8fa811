"""Facts changed while an application is handed in, and a late reason changed while it is agreed to.

Each race has its control, in which the second deed happens while the first has looked already.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from applications import actions
from applications.models import Application
from applications.rules import entries as rules
from audit.models import Event
from schools import clock
from tests.applications import scenes
from tests.cast import Cast
from tests.racing import meanwhile, race

pytestmark = pytest.mark.race
DAY = date(2026, 9, 1)
TOO_LATE = date(2026, 9, 10)
FIRST, OTHER = "住院", "忘了"


def entered(cast: Cast) -> Application:
    round_ = actions.open_recognition_round(school=cast.school, term=cast.term, by=cast.operator)
    return scenes.entered(round_, cast.a.students[0], cast.head_teacher)


def revise(application: Application, cast: Cast, reason: str) -> object:
    """The same facts with another reason, still complete enough to be handed in."""
    return actions.revise(
        application=application,
        by=cast.head_teacher,
        reason=reason,
        committed_on=DAY,
        committed_by="张样泽",
        identity_paper="id_card",
    )


def told(application: Application, *verbs: str) -> list[str]:
    """What happened to the application, in the order of the chain."""
    found = Event.objects.filter(
        organisation_id=application.school_id, verb__in=[f"application.{v}" for v in verbs]
    )
    return [v.split(".")[1] for v in found.order_by("seq").values_list("verb", flat=True)]


def in_between(
    monkeypatch: pytest.MonkeyPatch, module: Any, name: str, deed: Callable[[], object]
) -> None:
    """Once, after the judgment `name` has looked, somebody else does `deed`."""
    judge = getattr(module, name)

    def look(*args: Any, **options: Any) -> Any:
        found = judge(*args, **options)
        monkeypatch.setattr(module, name, judge)
        deed()
        return found

    monkeypatch.setattr(module, name, look)


def test_nobody_changes_what_is_handed_in(committed: Cast) -> None:
    application = entered(committed)

    def act(i: int) -> object:
        if i == 0:
            return actions.submit(application=application, by=committed.head_teacher)
        return revise(application, committed, f"改{i}")

    outcome = race(act, organisation=committed.school)
    found = told(application, "revise", "submit")
    assert found[-1] == "submit"
    assert found.count("submit") == 1
    assert outcome["won"] == len(found)


def test_without_the_lock_it_is_changed_after_it_was_handed_in(
    committed: Cast, no_locks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    application = entered(committed)

    def hand_in() -> object:
        return actions.submit(application=application, by=committed.head_teacher)

    in_between(
        monkeypatch,
        rules,
        "why_not_change",
        lambda: meanwhile(hand_in, organisation=committed.school, on=DAY),
    )
    revise(application, committed, "改")
    assert told(application, "revise", "submit") == ["submit", "revise"]


def late(cast: Cast) -> tuple[Application, Callable[[str], object], Callable[[], object]]:
    """A late application, how its reason is written, and how a checker agrees to it."""
    application = entered(cast)

    def explain(reason: str) -> object:
        return actions.explain_late(application=application, reason=reason, by=cast.head_teacher)

    def allow() -> object:
        return actions.allow_late(application=application, by=cast.reviewer)

    return application, explain, allow


def test_consent_is_to_the_reason_that_stands(committed: Cast) -> None:
    application, explain, allow = late(committed)

    def act(i: int) -> object:
        return allow() if i % 2 else explain(f"原因{i}")

    race(act, organisation=committed.school, on=TOO_LATE)
    application.refresh_from_db()
    last = Event.objects.filter(organisation_id=committed.school.pk).order_by("-seq")[0]
    # Whatever was said last stands, and consent only where it was said after the reason.
    assert application.late_reason == last.reason
    assert (application.late_by is not None) is (last.verb == "application.allow_late")


def test_without_the_lock_consent_puts_an_older_reason_back(
    committed: Cast, no_locks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    application, explain, allow = late(committed)
    meanwhile(lambda: explain(FIRST), organisation=committed.school, on=TOO_LATE)
    in_between(
        monkeypatch,
        rules,
        "why_not_allow_late",
        lambda: meanwhile(lambda: explain(OTHER), organisation=committed.school, on=TOO_LATE),
    )
    with clock.at(clock.office_opens(TOO_LATE)):
        allow()
    application.refresh_from_db()
    assert (application.late_reason, application.late_by) == (FIRST, committed.reviewer.person)
    assert told(application, "explain_late", "allow_late")[-2:] == ["explain_late", "allow_late"]
