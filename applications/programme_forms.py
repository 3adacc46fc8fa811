"""资助项目 as a form: what was typed as the facts of a version, and a version as the form."""

from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.http import QueryDict

from applications import queue
from applications.forms import fen, text_field, yuan, yuan_field
from applications.models import FundingSource, Grade, PaperRule, Programme
from applications.models.programmes import TRAITS, YEAR_NAMES
from applications.rules.papers import OTHER_KINDS
from applications.rules.programmes import (
    SCHOOL_SOURCES,
    PaperFacts,
    ProgrammeFacts,
    TierFacts,
)
from office.asked import key_of
from schools.models import Organisation, Stage
from students.models import SpecialGroup, Student

CHOOSE = ("", "请选择")
MOST_TIERS, MOST_PAPERS = 12, 8
# Nobody hands a school as many places.
MOST_HEADS = 100_000
GROUPS = ("only_groups", "rural_groups", "day_groups", "open_groups")


def chosen(label: str, choices: list[Any], **options: Any) -> forms.ChoiceField:
    """One of a list."""
    return forms.ChoiceField(label=label, choices=choices, **options)


def several(label: str, choices: list[Any], **options: Any) -> forms.MultipleChoiceField:
    """Any of a list, ticked; none is an answer too."""
    return forms.MultipleChoiceField(
        label=label,
        choices=choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        **options,
    )


def day_field(label: str, **options: Any) -> forms.DateField:
    """A day from the browser's own calendar."""
    return forms.DateField(
        label=label, error_messages={"invalid": "请填日期，例如2026-09-01"}, **options
    )


def percent_field(label: str) -> forms.DecimalField:
    """A share in percent, to hundredths."""
    return forms.DecimalField(
        label=label,
        required=False,
        min_value=0,
        max_value=100,
        decimal_places=2,
        help_text="百分数，例如3；没有规定的留空",
        error_messages={"invalid": "请填百分数，例如3或4.5"},
    )


def _versions(programmes: Iterable[Programme]) -> list[tuple[int, str]]:
    """Programmes to choose from; those of one name are told apart by their first days."""
    found = list(programmes)
    names = Counter(one.name for one in found)
    return [
        (p.pk, p.name if names[p.name] == 1 else f"{p.name}（{p.valid_from:%Y年%-m月%-d日}起）")
        for p in found
    ]


class ProgrammeForm(forms.Form):
    """What a programme says apart from its tiers and papers."""

    name = text_field("项目名称", 48, help_text="照文件写全称")
    source = chosen("资助来源", [CHOOSE, *FundingSource.choices])
    kind = chosen("类别", [CHOOSE, *Programme.Kind.choices])
    stage = chosen("学段", [CHOOSE, *Stage.choices])
    basis = text_field("文件依据", 96, required=False, help_text="文件名称和文号")
    valid_from = day_field("执行开始", help_text="审核人启用时可以再定")
    valid_to = day_field("执行到", required=False, help_text="长期执行的留空")
    needs_recognition = forms.BooleanField(
        label="先认定，后资助", required=False, help_text="不勾选：不要求本学年的困难认定"
    )
    years = several("年级", list(YEAR_NAMES.items()), help_text="都不选：所有年级")
    only_groups = several("只给这些群体", [], help_text="都不选：不限群体")
    rural_groups = several(
        "其中只限农村户籍的群体", [], help_text="例如农村低保、农村特困；都不选：不分城乡"
    )
    day_groups = several("非寄宿生只给这些群体", [], help_text="都不选：与寄宿生相同")
    open_groups = several("认定前就可以资助的群体", [])
    open_to = several("不要求认定的学生", list(TRAITS.items()), help_text="按名册判断")
    money_cadence = chosen(
        "发放周期", [CHOOSE, *Programme.Cadence.choices], help_text="钱多久发一次"
    )
    entry_cadence = chosen(
        "系统录入周期",
        [CHOOSE, *Programme.Cadence.choices],
        help_text="名单多久录一次，可以和发放不同",
    )
    guardian_card = forms.BooleanField(label="可以发到监护人的卡", required=False)
    handling = chosen(
        "由谁受理",
        list(Programme.Handling.choices),
        required=False,
        initial=Programme.Handling.SCHOOL,
        help_text="不由学校受理的，学校看得到，不开批次",
    )
    paid_by = text_field("受理部门", 48, required=False, help_text="由其他部门受理和发放的才填")
    share_least = percent_field("提取事业收入的比例，从")
    share_most = percent_field("到")
    note = text_field("说明", 300, required=False, help_text="政策里上面各项写不下的话")
    exclusive = several("不能同时享受", [], help_text="学生已申请其中一项的，不能再申请本项目")
    quotas = forms.CharField(
        label="各校名额",
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="每行一所学校：学校名称或标识码，空格，名额。可以从Excel两列粘贴。不限名额的留空",
    )

    def __init__(self, *args: Any, owner: Organisation, apart: int = 0, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.owner, self.quota_rows = owner, list[tuple[int, int]]()
        groups = list(SpecialGroup.objects.order_by("order", "pk").values_list("code", "name"))
        others = queue.visible(owner).filter(status__in=Programme.LIVE).exclude(pk=apart)
        for name in GROUPS:
            self._choices(name, groups)
        self._choices("exclusive", _versions(others))
        if owner.is_school:
            del self.fields["quotas"]
            self._choices("source", [CHOOSE, *((s.value, s.label) for s in SCHOOL_SOURCES)])

    def _choices(self, name: str, choices: list[Any]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]

    def clean_handling(self) -> str:
        """Who takes care of it; left out, the school does."""
        return self.cleaned_data["handling"] or Programme.Handling.SCHOOL

    def clean_quotas(self) -> str:
        """Each line as a school and its heads; every line that is not understood is told."""
        text: str = self.cleaned_data["quotas"]
        lines = [line.split() for line in text.splitlines() if line.strip()]
        schools = self._schools(lines)
        wrong, found = [], dict[int, int]()
        for n, line in enumerate(lines, start=1):
            name, heads = "".join(line[:-1]), line[-1].removesuffix("人")
            key, told = schools.get(name), key_of(heads)
            if len(line) < 2 or told is None or told > MOST_HEADS:
                wrong.append(f"第{n}行应为学校和名额，例如：示范中学 20")
            elif key is None:
                wrong.append(f"第{n}行的学校“{name[:24]}”不在本单位所辖学校里")
            elif key in found:
                wrong.append(f"第{n}行的学校重复了")
            else:
                found[key] = told
        if wrong:
            raise forms.ValidationError(wrong)
        self.quota_rows = sorted(found.items())
        return text

    def _schools(self, lines: list[list[str]]) -> dict[str, int]:
        if not lines:
            return {}
        rows = queue.governed_schools(self.owner).values_list("pk", "name", "code")
        return {word: pk for pk, name, code in rows for word in ("".join(name.split()), code)}


class TierForm(forms.Form):
    """One 档次."""

    label = text_field("档次", 24)
    amount = yuan_field("每次金额", required=True, example="1150", negative="金额要大于0")
    boarding = chosen("就读方式", [("", "不分"), *Student.Boarding.choices], required=False)
    suggested_for = chosen("困难等级", [("", "不分"), *Grade.choices], required=False)
    valid_from = day_field("从", required=False)
    valid_to = day_field("到", required=False)


class PaperForm(forms.Form):
    """One paper that is asked for."""

    label = text_field("材料", 48)
    kind = chosen("种类", [CHOOSE, *OTHER_KINDS])
    level = chosen("要求", PaperRule.Level.choices, initial=PaperRule.Level.SHOULD)
    exempt = chosen("名单内学生", [("1", "免交"), ("0", "也要交")], initial="1")


if TYPE_CHECKING:
    AnyRows = forms.BaseFormSet[Any]
else:
    AnyRows = forms.BaseFormSet


class OpenRows(AnyRows):
    """Rows of which each may be left, or made, empty."""

    def initial_form_count(self) -> int:
        """Every posted row may be empty."""
        return 0 if self.is_bound else super().initial_form_count()


TierRows = forms.formset_factory(TierForm, formset=OpenRows, extra=3, max_num=MOST_TIERS)
PaperRows = forms.formset_factory(PaperForm, formset=OpenRows, extra=2, max_num=MOST_PAPERS)


class PolicyForm:
    """The three forms of a programme as one."""

    def __init__(
        self,
        owner: Organisation,
        data: QueryDict | None = None,
        *,
        facts: ProgrammeFacts | None = None,
        apart: int = 0,
    ) -> None:
        told = _initial(facts) if facts else {"needs_recognition": True, "entry_cadence": ""}
        tiers = [_tier_initial(t) for t in facts.tiers] if facts else []
        papers = [_paper_initial(p) for p in facts.papers] if facts else []
        self.main = ProgrammeForm(data, initial=told, owner=owner, apart=apart)
        self.tiers = TierRows(data, initial=tiers, prefix="tiers")
        self.papers = PaperRows(data, initial=papers, prefix="papers")

    @property
    def all(self) -> list[Any]:
        """What may hold errors, for the summary."""
        return [self.main, self.tiers, self.papers]

    def is_valid(self) -> bool:
        """Whether all of it was understood; every error is told, not the first form's alone."""
        judged = [part.is_valid() for part in self.all]
        return all(judged)

    def facts(self) -> ProgrammeFacts:
        """What was typed; valid forms only."""
        told = self.main.cleaned_data
        plain = {name: told[name] for name in PLAIN}
        return ProgrammeFacts(
            **plain,
            years=tuple(sorted(int(y) for y in told["years"])),
            open_groups=tuple(sorted(told["open_groups"])),
            only_groups=tuple(sorted(told["only_groups"])),
            rural_groups=tuple(sorted(told["rural_groups"])),
            day_groups=tuple(sorted(told["day_groups"])),
            open_to=tuple(sorted(told["open_to"])),
            share=_share(told["share_least"], told["share_most"]),
            exclusive=tuple(sorted(int(pk) for pk in told["exclusive"])),
            tiers=tuple(_tiers(self.tiers)),
            papers=tuple(_papers(self.papers)),
            quotas=tuple(self.main.quota_rows),
        )


PLAIN = (
    "name",
    "source",
    "kind",
    "stage",
    "valid_from",
    "valid_to",
    "money_cadence",
    "entry_cadence",
    "basis",
    "needs_recognition",
    "guardian_card",
    "handling",
    "paid_by",
    "note",
)


def _share(least: Decimal | None, most: Decimal | None) -> tuple[int, int] | None:
    """Hundredths of a percent; one number alone is both."""
    told = [int(share * 100) for share in (least, most) if share is not None]
    return (told[0], told[-1]) if told else None


def _tiers(rows: Any) -> Iterator[TierFacts]:
    for told in (form.cleaned_data for form in rows):
        if told.get("label"):
            yield TierFacts(
                told["label"],
                fen(told["amount"]) or 0,
                told["boarding"],
                told["suggested_for"],
                told["valid_from"],
                told["valid_to"],
            )


def _papers(rows: Any) -> Iterator[PaperFacts]:
    for told in (form.cleaned_data for form in rows):
        if told.get("label"):
            yield PaperFacts(told["label"], told["kind"], told["level"], told["exempt"] == "1")


def _initial(facts: ProgrammeFacts) -> dict[str, Any]:
    named = {name: getattr(facts, name) for name in PLAIN}
    several_ = {n: list(getattr(facts, n)) for n in ("years", "open_to", *GROUPS)}
    least, most = facts.share or (None, None)
    schools = queue.names_of(school for school, _ in facts.quotas)
    lines = (f"{schools[school]} {heads}" for school, heads in facts.quotas)
    return {
        **named,
        **several_,
        "exclusive": list(facts.exclusive),
        "share_least": _percent(least),
        "share_most": _percent(most),
        "quotas": "\n".join(sorted(lines)),
    }


def _percent(share: int | None) -> str:
    return "" if share is None else f"{share / 100:g}"


def _tier_initial(tier: TierFacts) -> dict[str, Any]:
    return {
        "label": tier.label,
        "amount": yuan(tier.amount_fen),
        "boarding": tier.boarding,
        "suggested_for": tier.suggested_for,
        "valid_from": tier.valid_from,
        "valid_to": tier.valid_to,
    }


def _paper_initial(paper: PaperFacts) -> dict[str, Any]:
    return {
        "label": paper.label,
        "kind": paper.kind,
        "level": paper.level,
        "exempt": "1" if paper.exempt else "0",
    }
