"""What a page remembers of the facts that it shows, so that a save notices a change since then."""

import json
from dataclasses import asdict, is_dataclass
from datetime import date
from typing import Any

from privacy.sealing import blind


def mark_of(what: str, facts: Any) -> str:
    """A short digest of facts; `what` keeps marks of different pages apart.

    It is keyed, since it stands in the page: nobody can try out which facts give it.
    """
    text = json.dumps(facts, sort_keys=True, ensure_ascii=False, default=_plain)
    return blind(f"mark_{what}", text).hex()[:20]


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"a mark is not made of {type(value).__name__}")
