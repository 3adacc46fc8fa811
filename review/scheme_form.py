"""The figures of a scoring scheme as boxes, and what was typed as a rule table again."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from django import forms

from applications.models import Grade
from review.facts import asks_text, cap_name, proofs_of, proofs_text
from review.scoring import MOST_POINTS

GRADES = (Grade.SPECIAL, Grade.HARD, Grade.GENERAL)
BOUNDS = (("from", "不少于"), ("under", "不到"))
MOST = 10_000_000


class SchemeForm(forms.Form):
    """One box for each figure of the table; items and what they ask of stay as they are."""

    def __init__(self, rules: Mapping[str, Any], data: Any = None) -> None:
        super().__init__(data)
        self.rules = rules
        for item, option, key in self._options():
            named = f"{item['label']}：{option['label']}"
            self._label(f"label_{key}", f"{named}的名称", option["label"])
            self._figure(
                f"points_{key}", f"{named}的分值", option["points"], MOST_POINTS, -MOST_POINTS
            )
            for bound, word in BOUNDS:
                if bound in option["when"]:
                    self._figure(f"{bound}_{key}", f"{named}：{word}", option["when"][bound], MOST)
        for group, cap in rules.get("caps", {}).items():
            name = f"{cap_name(rules, group)}合计上限"
            self._figure(f"cap_{group}", name, cap, 10 * MOST_POINTS)
        for grade in GRADES:
            self._figure(f"grade_{grade}", f"{grade.label}起分", self._start(grade), MOST)

    def _options(self) -> Iterator[tuple[dict[str, Any], dict[str, Any], str]]:
        for i, item in enumerate(self.rules["items"]):
            for j, option in enumerate(item["options"]):
                yield item, option, f"{i}_{j}"

    def _start(self, grade: str) -> int:
        return int(next(t["from"] for t in self.rules["thresholds"] if t["grade"] == grade))

    def _figure(self, name: str, label: str, value: int, most: int, least: int = 0) -> None:
        self.fields[name] = forms.IntegerField(
            label=label, initial=value, min_value=least, max_value=most
        )

    def _label(self, name: str, label: str, value: str) -> None:
        self.fields[name] = forms.CharField(label=label, initial=value, max_length=40)

    def rows(self) -> list[dict[str, Any]]:
        """Each option with its boxes, for the page."""
        return [
            {
                "item": item["label"],
                "proofs": proofs_text(proofs_of(item)),
                "asks": asks_text(item["field"], option["when"]),
                "label": self[f"label_{key}"],
                "points": self[f"points_{key}"],
                "bounds": [
                    {"word": word, "box": self[f"{bound}_{key}"]}
                    for bound, word in BOUNDS
                    if bound in option["when"]
                ],
            }
            for item, option, key in self._options()
        ]

    def limits(self) -> list[forms.BoundField]:
        """Where each grade begins, and the caps."""
        names = [f"grade_{g}" for g in GRADES] + [f"cap_{g}" for g in self.rules.get("caps", {})]
        return [self[name] for name in names]

    def table(self) -> dict[str, Any]:
        """The rule table with the figures that were typed."""
        given = self.cleaned_data
        made: dict[str, Any] = deepcopy(dict(self.rules))
        for i, item in enumerate(made["items"]):
            for j, option in enumerate(item["options"]):
                key = f"{i}_{j}"
                option["label"], option["points"] = given[f"label_{key}"], given[f"points_{key}"]
                for bound, _ in BOUNDS:
                    if bound in option["when"]:
                        option["when"][bound] = given[f"{bound}_{key}"]
        for group in made.get("caps", {}):
            made["caps"][group] = given[f"cap_{group}"]
        for threshold in made["thresholds"]:
            threshold["from"] = given[f"grade_{threshold['grade']}"]
        return made


def direct_rows(rules: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rules of direct recognition, for the page."""
    return [
        {
            "label": rule["label"],
            "grade": Grade(rule["grade"]).label,
            "points": rule.get("points"),
            "proofs": proofs_text(proofs_of(rule)),
        }
        for rule in rules.get("direct", ())
    ]
