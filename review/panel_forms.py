"""Forms of the class panel: who sits in it, who came, and the votes on one case."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms

from review.apart import SITS_OUT
from review.forms import DateInput
from review.models import Appraisal, Case, Tally, TallyRecusal
from schools import clock


class HoldForm(forms.Form):
    """Who came to the class panel."""

    held_on = forms.DateField(label="评议日期", widget=DateInput())
    expected = forms.IntegerField(label="应到人数", min_value=1, max_value=99)
    present = forms.IntegerField(label="实到人数", min_value=1, max_value=99)
    members = forms.CharField(
        label="评议小组成员",
        max_length=200,
        required=False,
        help_text="写姓名，名单在本班公布；申请人不参加评议小组",
    )
    recusal = forms.CharField(
        label="回避", max_length=200, required=False, help_text="与申请人有亲属关系的，写明谁回避"
    )

    @classmethod
    def of(
        cls, appraisal: Appraisal | None, members: Sequence[str] = (), data: Any = None
    ) -> "HoldForm":
        """Filled with what is known; with the panel's names before it has met."""
        names = ("held_on", "expected", "present", "members", "recusal")
        known: dict[str, Any] = {}
        if appraisal:
            known = {name: getattr(appraisal, name) for name in names}
        elif members:
            known = {"expected": len(members), "members": "、".join(members)[:200]}
        return cls(data, initial={"held_on": clock.today(), **known})


KINDS = {"家长": "parent", "教师": "teacher", "老师": "teacher"}


def others_of(text: str) -> list[tuple[str, str]]:
    """Parents and teachers, one in a line: what they are and their name."""
    found = []
    for line in filter(None, map(str.strip, text.splitlines())):
        kind, _, name = line.replace("：", " ").replace("，", " ").partition(" ")
        found.append((KINDS.get(kind, ""), name.strip()[:64]))
    return found


class PanelForm(forms.Form):
    """How the class's panel comes about."""

    LOT, NAMED = "lot", "named"
    way = forms.ChoiceField(
        label="学生代表怎样产生",
        choices=[(LOT, "随机抽取"), (NAMED, "指定")],
        initial=LOT,
        widget=forms.RadioSelect,
    )
    draw = forms.IntegerField(label="抽取人数", min_value=1, max_value=60, required=False)
    students = forms.MultipleChoiceField(
        label="指定学生",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="申请人不在名单里，不能参加评议小组",
    )
    others = forms.CharField(
        label="家长和教师代表",
        max_length=600,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="每行一人，先写身份，例如：家长 张样泽",
    )
    size_reason = forms.CharField(
        label="人数说明", max_length=200, required=False, help_text="学生不在10%至15%之间时填写"
    )
    replaces = forms.CharField(label="重新组成的原因", max_length=200, required=False)

    def __init__(self, eligible: Sequence[tuple[int, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen: Any = self.fields["students"]
        chosen.choices = eligible

    def facts(self) -> dict[str, Any]:
        """What the action takes."""
        given = self.cleaned_data
        lot = given["way"] == self.LOT
        return {
            "draw": (given["draw"] or 0) if lot else 0,
            "students": set() if lot else {int(pk) for pk in given["students"]},
            "others": others_of(given["others"]),
            "size_reason": given["size_reason"],
            "replaces": given["replaces"],
        }


class AddForm(forms.Form):
    """Who sits in the panel besides."""

    draw = forms.IntegerField(label="随机抽取学生", min_value=1, max_value=60, required=False)
    students = forms.MultipleChoiceField(
        label="或指定学生", required=False, widget=forms.CheckboxSelectMultiple
    )
    others = forms.CharField(
        label="家长和教师代表",
        max_length=600,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="每行一人，先写身份，例如：家长 张样泽",
    )
    reason = forms.CharField(label="补选的原因", max_length=200)

    def __init__(self, eligible: Sequence[tuple[int, str]], data: Any = None) -> None:
        super().__init__(data, auto_id="id_add_%s")
        chosen: Any = self.fields["students"]
        chosen.choices = eligible

    def facts(self) -> dict[str, Any]:
        """What the action takes."""
        given = self.cleaned_data
        return {
            "draw": given["draw"] or 0,
            "students": {int(pk) for pk in given["students"]},
            "others": others_of(given["others"]),
            "reason": given["reason"],
        }


class TallyForm(forms.Form):
    """Votes on one case; empty boxes are zero."""

    special = forms.IntegerField(label="特别困难", min_value=0, max_value=99, required=False)
    hard = forms.IntegerField(label="困难", min_value=0, max_value=99, required=False)
    general = forms.IntegerField(label="一般困难", min_value=0, max_value=99, required=False)
    none = forms.IntegerField(label="不困难", min_value=0, max_value=99, required=False)
    abstain = forms.IntegerField(label="弃权", min_value=0, max_value=99, required=False)
    reason = forms.CharField(
        label="理由",
        max_length=200,
        required=False,
        help_text="结果和评分建议不同的，写明理由",
    )

    VOTES = ("special", "hard", "general", "none", "abstain")
    # More than three relatives in one class panel are typed by forming another panel.
    RELATIVES = 3

    def __init__(
        self, *args: Any, seats: Iterable[str] = (), applying: Iterable[str] = (), **kwargs: Any
    ) -> None:
        recorded = kwargs.pop("recorded", 0)
        super().__init__(*args, **kwargs)
        self.applying = sorted(applying)
        self.rows = range(1, max(self.RELATIVES + len(self.applying), recorded) + 1)
        for i in self.rows:
            self.fields[f"recused_{i}"] = _member(f"回避成员{i}", seats)
            self.fields[f"why_{i}"] = forms.CharField(
                label=f"回避原因{i}", max_length=96, required=False
            )
            self.fields[f"absent_{i}"] = forms.BooleanField(
                label="没有到会（不在实到人数里）", required=False
            )

    @classmethod
    def of(
        cls,
        case: Case,
        tally: Tally | None,
        data: Any = None,
        seats: Iterable[str] = (),
        applying: Iterable[str] = (),
    ) -> "TallyForm":
        """Filled with the votes and recusals recorded before; `seats` are the panel's names.

        Those `applying` themselves stand there as withdrawn before anything is recorded.
        """
        names = (*cls.VOTES, "reason")
        known: dict[str, Any] = {}
        if tally:
            known = {name: getattr(tally, name) for name in names}
        else:
            for i, name in enumerate(sorted(applying), 1):
                known |= {f"recused_{i}": name, f"why_{i}": SITS_OUT}
        before = tally.recusals.order_by("pk") if tally else TallyRecusal.objects.none()
        recorded = list(before.select_related("tally__appraisal__chaired_by"))
        for i, one in enumerate(recorded, 1):
            away = not one.counted and one.name != one.tally.appraisal.chaired_by.name
            known |= {f"recused_{i}": one.name, f"why_{i}": one.reason, f"absent_{i}": away}
        told: dict[str, Any] = {"initial": known, "seats": seats, "applying": applying}
        return cls(data, auto_id=f"id_{case.pk}_%s", recorded=len(recorded), **told)

    def recusal_rows(self) -> list[tuple[forms.BoundField, forms.BoundField, forms.BoundField]]:
        """Who, why, and whether absent, for the page."""
        return [(self[f"recused_{i}"], self[f"why_{i}"], self[f"absent_{i}"]) for i in self.rows]

    def recusing(self) -> bool:
        """Whether a relative's recusal stands in the boxes; whoever applied is shown to nobody."""
        said = [(who.value(), why.value()) for who, why, _ in self.recusal_rows()]
        return any((who or why) and who not in self.applying for who, why in said)

    @property
    def sits_out(self) -> int:
        """How many stand there since they apply themselves."""
        return sum(who.value() in self.applying for who, _, _ in self.recusal_rows())

    def recused(self) -> dict[str, str]:
        """Who withdrew from this case, and why."""
        given = self.cleaned_data
        told = {given[f"recused_{i}"]: given[f"why_{i}"] for i in self.rows}
        return {who: why for who, why in told.items() if who or why}

    def absent(self) -> set[str]:
        """Who of those who withdrew did not come to the panel at all."""
        given = self.cleaned_data
        return {given[f"recused_{i}"] for i in self.rows if given[f"absent_{i}"]} - {""}

    def boxes(self) -> list[forms.BoundField]:
        """The five fields to fill in, in their order."""
        return [self[name] for name in self.VOTES]

    def votes(self) -> dict[str, Any]:
        """The five figures."""
        return {name: self.cleaned_data[name] or 0 for name in self.VOTES}


def _member(label: str, seats: Iterable[str]) -> forms.Field:
    names = list(seats)
    if not names:
        return forms.CharField(label=label, max_length=64, required=False)
    choices = [("", "不回避"), *((name, name) for name in names)]
    return forms.ChoiceField(label=label, choices=choices, required=False)
