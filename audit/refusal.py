"""How an action says no: every reason at once, each with the way to mend it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

UNSAID = re.compile("^没有写明?")


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


def why_not_said(said: str, missing: str, mend: str = "", *, least: int = 2) -> list[Reason]:
    """Why what somebody wrote is not enough: nothing at all, or fewer than `least` characters.

    `missing` says that nothing was written: 没有写明原因, 没有写怎样核实的.
    """
    length = len(said.strip())
    if length >= least:
        return []
    if not length:
        return [Reason(missing, mend)]
    what = UNSAID.sub("", missing)
    enough = f"至少要写{least}个字"
    return [Reason(f"{what}写得太短，只有{length}个字", f"{enough}，{mend}" if mend else enough)]


def refuse_if(reasons: Iterable[Reason | str]) -> None:
    """Raise `Refused` with all reasons when there is at least one."""
    if found := list(reasons):
        raise Refused(found)
