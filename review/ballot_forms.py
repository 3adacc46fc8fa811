"""Forms of the blind vote: the head teacher's, and the member's slip."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms

from review.models import BallotCase, BallotSlip, Choice

RECUSE = "recuse"
CHOICES = [*Choice.choices, (RECUSE, "回避")]


class OpenForm(forms.Form):
    """Who is here, and whether the school shows members the applicants' names."""

    here = forms.MultipleChoiceField(
        label="到会的成员",
        widget=forms.CheckboxSelectMultiple,
        help_text="每人一张票；没有到会的去掉勾选，不计入实到",
        error_messages={"required": "请勾选到会的成员"},
    )
    shows_names = forms.BooleanField(
        label="在成员手机上显示申请人姓名",
        required=False,
        help_text="一般不显示，只看编号和评分；学校规定显示的才勾选，并会记录",
    )

    def __init__(self, voters: Iterable[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = list(voters)
        chosen: Any = self.fields["here"]
        chosen.choices = [(name, name) for name in names]
        self.initial.setdefault("here", names)


class AsideForm(forms.Form):
    """A member who stays away from one case."""

    slip = forms.ChoiceField(label="成员", error_messages={"required": "请选择成员"})
    ballot_case = forms.ChoiceField(label="编号", error_messages={"required": "请选择编号"})
    reason = forms.CharField(
        label="原因", max_length=96, error_messages={"required": "请写回避的原因"}
    )

    def __init__(
        self, slips: Sequence[BallotSlip], rows: Sequence[BallotCase], *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        members: Any = self.fields["slip"]
        members.choices = [("", "请选择"), *((str(s.pk), s.name) for s in slips if not s.voted)]
        cases: Any = self.fields["ballot_case"]
        cases.choices = [("", "请选择"), *((str(r.pk), f"编号{r.case.code}") for r in rows)]


@dataclass(frozen=True, slots=True)
class Line:
    """One case on the member's page; without fields when the member stays away from it."""

    row: BallotCase
    vote: forms.BoundField | None
    why: forms.BoundField | None
    said: str = ""

    @property
    def says_why(self) -> bool:
        """Whether the box for the reason stands open."""
        return bool(self.why and (self.why.value() or self.why.errors))


class VoteForm(forms.Form):
    """A member's slip: one choice for each case, or a recusal with its reason."""

    def __init__(
        self,
        rows: Sequence[BallotCase],
        away: Iterable[int],
        *args: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.rows, self.away = list(rows), set(away)
        for row in self.voting:
            code = row.case.code
            self.fields[f"vote_{row.pk}"] = forms.ChoiceField(
                label=f"编号{code}",
                choices=CHOICES,
                widget=forms.RadioSelect,
                error_messages={"required": f"编号{code}还没有选择；没有意见的选弃权"},
            )
            self.fields[f"why_{row.pk}"] = forms.CharField(
                label=f"编号{code}回避的原因", max_length=96, required=False
            )

    @property
    def voting(self) -> list[BallotCase]:
        """The cases that this slip votes on."""
        return [row for row in self.rows if row.pk not in self.away]

    def clean(self) -> dict[str, Any]:
        """A recusal says why."""
        given = super().clean() or self.cleaned_data
        for row in self.voting:
            why = str(given.get(f"why_{row.pk}", "")).strip()
            if given.get(f"vote_{row.pk}") == RECUSE and not why:
                self.add_error(f"why_{row.pk}", f"编号{row.case.code}回避，请写原因，例如：表哥")
        return given

    def lines(self) -> list[Line]:
        """Every case for the page."""
        names = dict(CHOICES)
        found = []
        for row in self.rows:
            if row.pk in self.away:
                found.append(Line(row, None, None))
                continue
            vote = self[f"vote_{row.pk}"]
            found.append(Line(row, vote, self[f"why_{row.pk}"], names.get(vote.value() or "", "")))
        return found

    def choices(self) -> dict[int, str]:
        """What is voted, by key."""
        given = self.cleaned_data
        said = {row.pk: given[f"vote_{row.pk}"] for row in self.voting}
        return {pk: choice for pk, choice in said.items() if choice != RECUSE}

    def recused(self) -> dict[int, str]:
        """Why this member withdraws, by key."""
        given = self.cleaned_data
        return {
            row.pk: given[f"why_{row.pk}"]
            for row in self.voting
            if given[f"vote_{row.pk}"] == RECUSE
        }
