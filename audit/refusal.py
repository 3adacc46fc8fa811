"""How an action says no: every reason at once, each with the way to mend it."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason why something may not happen now.

    `text` says what is wrong, `mend` what to do about it, `url` where, `count` how many people or
    rows it holds back when a decision covers many.
    """

    text: str
    mend: str = ""
    url: str = ""
    count: int = 0

    def __str__(self) -> str:
        return f"{self.text}（{self.mend}）" if self.mend else self.text


class Refused(Exception):
    """Raised by an action that may not happen; nothing was written."""

    def __init__(self, reasons: Iterable[Reason | str]) -> None:
        self.reasons = [r if isinstance(r, Reason) else Reason(r) for r in reasons]
        super().__init__("；".join(str(r) for r in self.reasons))


def refuse_if(reasons: Iterable[Reason | str]) -> None:
    """Raise `Refused` with all reasons when there is at least one."""
    if found := list(reasons):
        raise Refused(found)
