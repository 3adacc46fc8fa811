"""增减项目: the parts of a draft scheme, each added or taken out by a form of its own."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from audit.refusal import Reason, Refused
from office.asked import key_of
from review import actions, marks, parts
from review.facts import FACTS, asks_text, cap_name, proofs_of, proofs_text
from review.models import ScoringScheme
from review.part_forms import (
    CapForm,
    DirectForm,
    ItemForm,
    NewItemForm,
    NoteForm,
    OptionForm,
    fact_choices,
)
from review.scheme_form import BOUNDS, direct_rows
from review.scoring import Rules
from review.views.schemes import EDITORS, scheme_of
from schools.access import StaffRequest, requires
from students.models import SpecialGroup

# By name; each knows its own part of the table.
Forms = dict[str, Any]
MOST_PLACES = 999
Deed = Callable[[Rules, Forms, Mapping[str, str]], parts.Table]


def _place(told: Mapping[str, str]) -> int:
    place = key_of(told.get("place"))
    return -1 if place is None or place > MOST_PLACES else place


# What each button does: the form that must be filled in for it, the change, what is said then.
DEEDS: Mapping[str, tuple[str, Deed, str]] = {
    "add_item": ("new", lambda r, f, t: parts.add_item(r, f["new"].item()), "项目已增加"),
    "change_item": (
        "item",
        lambda r, f, t: parts.change_item(r, t["item"], f["item"].told()),
        "项目已保存",
    ),
    "drop_item": ("", lambda r, f, t: parts.drop_item(r, t.get("item", "")), "项目已删除"),
    "add_option": (
        "option",
        lambda r, f, t: parts.add_option(r, t["item"], f["option"].option()),
        "选项已增加",
    ),
    "drop_option": (
        "",
        lambda r, f, t: parts.drop_option(r, t.get("item", ""), _place(t)),
        "选项已删除",
    ),
    "add_cap": (
        "cap",
        lambda r, f, t: parts.add_cap(r, **f["cap"].cleaned_data),
        "合计上限已增加",
    ),
    "drop_cap": ("", lambda r, f, t: parts.drop_cap(r, t.get("cap", "")), "合计上限已删除"),
    "add_direct": (
        "direct",
        lambda r, f, t: parts.add_direct(r, f["direct"].rule()),
        "直接认定已增加",
    ),
    "drop_direct": ("", lambda r, f, t: parts.drop_direct(r, _place(t)), "直接认定已删除"),
    "note": ("note", lambda r, f, t: parts.change_note(r, **f["note"].cleaned_data), "说明已保存"),
}
OF_ONE_ITEM = frozenset({"change_item", "add_option", "drop_option"})


@requires(EDITORS, methods="GET POST")
def scheme_parts(request: StaffRequest, scheme_id: int) -> HttpResponse:
    """Items, options, common limits and direct rules of a draft, and forms for more."""
    found = scheme_of(request, scheme_id)
    if request.method == "POST":
        return _change(request, found)
    if found.status != ScoringScheme.Status.DRAFT:
        return redirect("review:scheme", scheme_id=found.pk)
    return _page(request, found, _forms(found.rules, request.GET))


def _forms(rules: Rules, asked: Mapping[str, str], do: str = "", data: Any = None) -> Forms:
    """The forms that the page shows; only that of the deed `do` is bound."""
    wanted = DEEDS[do][0] if do else ""
    of: Callable[[str], Any] = lambda name: data if name == wanted else None  # noqa: E731
    made: Forms = {"cap": CapForm(of("cap")), "note": NoteForm(rules, of("note"))}
    if (item := parts.item_of(rules, asked.get("item", ""))) is not None:
        made["item"] = ItemForm(rules, item, of("item"))
        if item["field"] in FACTS:
            made["option"] = OptionForm(item["field"], of("option"))
    if (fact := asked.get("fact", "")) in FACTS:
        made["new"] = NewItemForm(rules, fact, of("new"))
    if (fact := asked.get("direct", "")) in FACTS:
        made["direct"] = DirectForm(fact, of("direct"))
    return made


def _change(request: StaffRequest, found: ScoringScheme) -> HttpResponse:
    told, do = request.POST, request.POST.get("do", "")
    if do not in DEEDS:
        raise Refused([Reason("没有说明改什么", "请回到增减项目页再选")])
    name, deed, said = DEEDS[do]
    made = _forms(found.rules, told, do, told)
    if name and name not in made:
        raise Refused([Reason("这个项目已经不在表里", "请刷新页面")])
    if name and not made[name].is_valid():
        return _page(request, found, made, status=422)
    try:
        actions.edit_scheme(
            scheme=found,
            table=deed(found.rules, made, told),
            by=request.appointment,
            binding=found.binding,
            mark=told.get("mark", ""),
        )
    except Refused as refused:
        return _page(request, found, made, refused.reasons, status=409)
    messages.success(request, f"{said}。改完后回到评估表看试算。")
    back = reverse("review:scheme_parts", args=[found.pk])
    of_item = do in OF_ONE_ITEM and parts.item_of(found.rules, told.get("item", ""))
    return redirect(f"{back}?item={told['item']}#item" if of_item else back)


def _page(
    request: StaffRequest,
    found: ScoringScheme,
    made: Forms,
    reasons: list[Reason] | None = None,
    status: int = 200,
) -> HttpResponse:
    asked = request.POST if request.method == "POST" else request.GET
    rules = found.rules
    item = parts.item_of(rules, asked.get("item", ""))
    context = {
        "scheme": found,
        "mark": request.POST.get("mark", "") or marks.of_scheme(found),
        "reasons": reasons or [],
        "bound": [f for f in made.values() if f.is_bound and f.errors],
        "forms": made,
        "items": [_item_row(rules, one) for one in rules["items"]],
        "item": item,
        "options": _option_rows(item) if item else [],
        "caps": [(g, cap_name(rules, g), most) for g, most in rules.get("caps", {}).items()],
        "direct": direct_rows(rules),
        "facts": fact_choices(),
        "fact": asked.get("fact", ""),
        "direct_fact": asked.get("direct", ""),
    }
    return render(request, "review/scheme_parts.html", context, status=status)


def _item_row(rules: Rules, item: Mapping[str, Any]) -> dict[str, Any]:
    group = item.get("cap_group", "")
    return {
        "code": item["code"],
        "label": item["label"],
        "asks": FACTS[item["field"]].label if item["field"] in FACTS else "",
        "group": cap_name(rules, group) if group in rules.get("caps", {}) else "",
        "proofs": proofs_text(proofs_of(item)),
        "options": len(item["options"]),
    }


def _option_rows(item: Mapping[str, Any]) -> list[dict[str, Any]]:
    groups = dict(SpecialGroup.objects.values_list("code", "name"))
    return [
        {
            "place": place,
            "label": option["label"],
            "points": option["points"],
            "asks": _range(option["when"]) or asks_text(item["field"], option["when"], groups),
        }
        for place, option in enumerate(item["options"])
    ]


def _range(when: Mapping[str, Any]) -> str:
    return "、".join(f"{word}{when[bound]:,}" for bound, word in BOUNDS if bound in when)
