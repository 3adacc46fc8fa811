"""风险提示: what a floor offers the page of risks. Asked for anew each time, never stored."""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256


@dataclass(frozen=True, slots=True)
class RiskKind:
    """A kind of risk; `mend` is what to do about it."""

    code: str
    label: str
    mend: str


@dataclass(frozen=True, slots=True)
class Risk:
    """Something that looks wrong with one student, or with one class.

    `facts` is a digest of what it was seen by: an answer holds as long as it stays the same.
    `url` is where it is mended.
    """

    kind: RiskKind
    school_id: int
    why: str
    facts: str
    url: str
    student_id: int | None = None
    class_id: int | None = None

    @property
    def key(self) -> tuple[str, int | None, int | None, str]:
        """What an answer is remembered by."""
        return self.kind.code, self.student_id, self.class_id, self.facts


def digest(parts: Iterable[object]) -> str:
    """The same parts in the same order give the same digest."""
    return sha256("\x1f".join(str(part) for part in parts).encode()).hexdigest()
