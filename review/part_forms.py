"""Forms of the parts of a rule table: an item, an option, a common limit, a direct rule."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from review.facts import CODES, FACTS, NUMBER, PROOFS, WORDS, cap_name, proofs_of
from review.scheme_form import GRADES, MOST
from review.scoring import MOST_POINTS, Rules
from students.models import SpecialGroup


def fact_choices() -> list[tuple[str, str]]:
    """Everything that is recorded and may be asked."""
    return [(code, fact.label) for code, fact in FACTS.items()]


def _figure(label: str, most: int = MOST, **more: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, max_value=most, **{"min_value": 0, **more})


class AskForm(forms.Form):
    """What a rule asks of one fact: a range, choices or words, as its kind goes."""

    def __init__(self, field: str, data: Any = None) -> None:
        super().__init__(data, prefix=self.PREFIX)
        self.fact = FACTS[field]
        self.asked = field
        if self.fact.kind == NUMBER:
            unit = self.fact.unit
            self.fields["from"] = _figure(f"不少于（{unit}）", required=False)
            self.fields["under"] = _figure(f"不到（{unit}）", required=False)
        elif self.fact.kind == CODES:
            self.fields["has"] = forms.MultipleChoiceField(
                label="哪些算", choices=self._choices(), widget=forms.CheckboxSelectMultiple
            )
        elif self.fact.kind == WORDS:
            self.fields["says"] = forms.CharField(
                label="写有哪些词", max_length=120, help_text="几个词用顿号隔开，写有任何一个就算"
            )

    PREFIX = "ask"

    def _choices(self) -> list[tuple[str, str]]:
        if self.fact.choices:
            return list(self.fact.choices.items())
        return [(group.code, group.name) for group in SpecialGroup.objects.order_by("order")]

    def clean(self) -> dict[str, Any]:
        """A range needs one limit at least."""
        told = super().clean() or {}
        if self.fact.kind == NUMBER and told.get("from") is None and told.get("under") is None:
            self.add_error("from", "不少于和不到至少填一个")
        return told

    def when(self) -> dict[str, Any]:
        """What was typed, as the table has it."""
        told = self.cleaned_data
        if self.fact.kind == NUMBER:
            return {key: told[key] for key in ("from", "under") if told[key] is not None}
        if self.fact.kind == CODES:
            return {"has": told["has"]}
        if self.fact.kind == WORDS:
            return {"says": [w for w in re.split(r"[、，,；;\s]+", told["says"]) if w]}
        return {"yes": True}


class OptionForm(AskForm):
    """Another option of an item."""

    PREFIX = "option"

    def __init__(self, field: str, data: Any = None) -> None:
        super().__init__(field, data)
        self.fields["name"] = forms.CharField(label="选项名称", max_length=40)
        self.fields["points"] = _figure("分值", MOST_POINTS, min_value=-MOST_POINTS)

    def option(self) -> dict[str, Any]:
        """The option as the table has it."""
        told = self.cleaned_data
        return {"when": self.when(), "points": told["points"], "label": told["name"].strip()}


def _evidence(chosen: Sequence[str] = ()) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label="凭据",
        choices=list(PROOFS.items()),
        initial=list(chosen),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="有其中任何一种就行，都不选的以学籍和填报为准",
    )


def _groups(rules: Rules) -> list[tuple[str, str]]:
    named = [(group, cap_name(rules, group)) for group in rules.get("caps", {})]
    return [("", "不归类，分值全计"), *named]


def _of_item(told: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "label": told["label"].strip(),
        "cap_group": told["cap_group"],
        "evidence": told["evidence"],
    }


class ItemForm(forms.Form):
    """What an item is called, which group limits it, and what proves it."""

    label = forms.CharField(label="项目名称", max_length=40)

    def __init__(self, rules: Rules, item: Mapping[str, Any], data: Any = None) -> None:
        super().__init__(data, prefix="item")
        groups = _groups(rules)
        group = item.get("cap_group", "")
        self.fields["label"].initial = item["label"]
        self.fields["cap_group"] = forms.ChoiceField(
            label="归入哪一类合计",
            choices=groups,
            initial=group if group in dict(groups) else "",
            required=False,
        )
        self.fields["evidence"] = _evidence(proofs_of(item))

    def told(self) -> dict[str, Any]:
        """What was typed, as the table has it."""
        return _of_item(self.cleaned_data)


class NewItemForm(OptionForm):
    """Another item with its first option."""

    PREFIX = "new"

    def __init__(self, rules: Rules, field: str, data: Any = None) -> None:
        super().__init__(field, data)
        label = self.fact.label
        first = {
            "label": forms.CharField(label="项目名称", max_length=40, initial=label),
            "cap_group": forms.ChoiceField(
                label="归入哪一类合计", choices=_groups(rules), required=False
            ),
            "evidence": _evidence(self.fact.proofs),
        }
        self.fields = {**first, **self.fields}

    def item(self) -> dict[str, Any]:
        """The item as the table has it, without its code."""
        return {**_of_item(self.cleaned_data), "field": self.asked, "options": [self.option()]}


class DirectForm(AskForm):
    """Another rule of direct recognition."""

    PREFIX = "direct"

    def __init__(self, field: str, data: Any = None) -> None:
        super().__init__(field, data)
        more = {
            "name": forms.CharField(label="名称", max_length=60, initial="直接认定："),
            "grade": forms.ChoiceField(
                label="不低于哪一等", choices=[(str(g), g.label) for g in GRADES]
            ),
            "points": _figure(
                "直接计分",
                10 * MOST_POINTS,
                required=False,
                help_text="填了分数的，符合时只计这个分，其他项目不再计",
            ),
            "evidence": _evidence(self.fact.proofs),
        }
        self.fields = {**self.fields, **more}

    def rule(self) -> dict[str, Any]:
        """The rule as the table has it."""
        told = self.cleaned_data
        made = {
            "field": self.asked,
            "when": self.when(),
            "grade": told["grade"],
            "label": told["name"].strip(),
            "evidence": told["evidence"],
        }
        return made if told["points"] is None else {**made, "points": told["points"]}


class CapForm(forms.Form):
    """Another group of items whose points are limited together."""

    name = forms.CharField(label="类名", max_length=20)
    most = _figure("合计不超过", 10 * MOST_POINTS)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, prefix="cap")


class NoteForm(forms.Form):
    """What the table says about itself, and whether a sum may be below zero."""

    note = forms.CharField(
        label="说明",
        max_length=600,
        required=False,
        widget=forms.Textarea,
        help_text="表里没有记录、须由人核实的项目写在这里",
    )
    below_zero = forms.BooleanField(label="合计可以低于0分", required=False)

    def __init__(self, rules: Rules, data: Any = None) -> None:
        told = {
            "note": rules.get("note", ""),
            "below_zero": rules.get("below_zero", False),
        }
        super().__init__(data, prefix="note", initial=told)
