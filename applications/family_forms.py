"""What a family types on its phone; amounts in yuan."""

from collections.abc import Sequence
from typing import Any

from django import forms

from applications.forms import fen, income_field, text_field, whole_field, yuan
from applications.models import Attachment, FamilyFiling
from applications.rules import family as rules
from applications.rules.family_facts import Hardship, Income, Signed, Who
from applications.rules.surveys import HEALTH, RELATIONS, MemberFacts
from privacy.identity import check_phone, valid_name
from students.models import SpecialGroup


class EnterForm(forms.Form):
    """Which child, by the letter."""

    code = text_field("填报码", 32, help_text="信上二维码旁边的12位字母和数字，不分大小写")
    name = text_field("孩子姓名", 64)
    tail = text_field(
        "孩子身份证号后六位", 32, help_text="有字母的照填，不分大小写；没有身份证的填其他证件的"
    )

    def clean_tail(self) -> str:
        """Six characters; fewer or more can't be anybody's, and it may be told so."""
        tail = rules.typed_tail(self.cleaned_data["tail"])
        if len(tail) != rules.TAIL:
            raise forms.ValidationError(f"要填最后{rules.TAIL}位数字和字母")
        return tail


def _refuse_problems(problems: Sequence[str]) -> None:
    if problems:
        raise forms.ValidationError([p.rstrip("。") for p in problems])


class WhoForm(forms.Form):
    """The first page."""

    name = text_field("您的姓名", 64)
    relation = forms.ChoiceField(
        label="您是学生的什么人", choices=FamilyFiling.Relation.choices, widget=forms.RadioSelect
    )
    phone = text_field("联系手机", 32, required=False)
    address = text_field("家庭住址", 100, required=False, help_text="现在住的地方，写到门牌")
    consents = forms.BooleanField(
        label="我已阅读并同意上面的说明",
        error_messages={"required": "同意后才能填写；也可以向班主任交纸质申请表"},
    )

    def clean_name(self) -> str:
        """The name, when it can be one."""
        name = str(self.cleaned_data["name"]).strip()
        _refuse_problems(valid_name(name))
        return name

    def clean_phone(self) -> str:
        """The number, when it can be one; empty stays empty."""
        phone = str(self.cleaned_data["phone"])
        _refuse_problems(check_phone(phone).problems if phone else [])
        return phone

    def told(self) -> Who:
        """The page's facts; what was left empty stays as it was."""
        c = self.cleaned_data
        return Who(c["name"].strip(), c["relation"], c["phone"] or None, c["address"] or None)


class MemberForm(forms.Form):
    """One member of the household."""

    name = text_field("姓名", 64)
    relation = forms.ChoiceField(
        label="与学生的关系",
        choices=[(r, r) for r in RELATIONS],
        widget=forms.RadioSelect,
        error_messages={"required": "请选择"},
    )
    age = whole_field("年龄", 0, 120, 41)
    occupation = text_field("职业", 32, required=False)
    work = text_field("工作或学习单位", 64, required=False)
    annual_income = income_field("一年的收入", required=True, example="8000")
    health = forms.ChoiceField(
        label="身体状况",
        choices=[(h, h) for h in HEALTH],
        initial=HEALTH[0],
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["annual_income"].help_text = "按去年全年估算，没有收入填0。"

    def is_blank(self) -> bool:
        """Whether nothing was typed; what is preset doesn't count."""
        names = ("name", "age", "occupation", "work", "annual_income")
        return not any(str(self.data.get(name, "")).strip() for name in names)

    def told(self) -> MemberFacts:
        """The member's facts."""
        c = self.cleaned_data
        return MemberFacts(
            c["name"].strip(),
            c["relation"],
            c["age"],
            c["work"].strip(),
            c["occupation"].strip(),
            fen(c["annual_income"]) or 0,
            c["health"],
        )


def member_initial(facts: MemberFacts) -> dict[str, Any]:
    """What the form shows of a member."""
    names = ("name", "relation", "age", "occupation", "work", "health")
    return {
        **{name: getattr(facts, name) for name in names},
        "annual_income": yuan(facts.annual_income_fen),
    }


class IncomeForm(forms.Form):
    """The third page."""

    family_size = whole_field(
        "家里一共几口人",
        1,
        30,
        4,
        required=False,
        help_text="含学生本人；已按前一页算好，不对可以改",
    )
    students_in_family = whole_field(
        "其中上学的有几人", 1, 15, 2, initial=1, help_text="含学生本人"
    )
    annual_income = income_field("全家一年的收入")
    income_source = text_field("主要靠什么收入", 48, required=False)
    seriously_ill = forms.BooleanField(label="家里有重病的人", required=False)
    single_parent = forms.BooleanField(label="单亲家庭", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["annual_income"].help_text = "已按前一页相加；低保金、赡养费也算"

    def told(self) -> Income:
        """The page's facts."""
        c = self.cleaned_data
        return Income(
            c["family_size"],
            c["students_in_family"],
            fen(c["annual_income"]),
            c["income_source"].strip(),
            c["seriously_ill"],
            c["single_parent"],
        )


def income_initial(facts: Income) -> dict[str, Any]:
    """What the form shows of income and burdens."""
    names = (
        "family_size",
        "students_in_family",
        "income_source",
        "seriously_ill",
        "single_parent",
    )
    shown = {name: getattr(facts, name) for name in names}
    return {**shown, "annual_income": yuan(facts.annual_income_fen or 0)}


class HardshipForm(forms.Form):
    """The fourth page."""

    claims = forms.MultipleChoiceField(
        label="您家是不是下面这样的家庭",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="以民政、残联等部门的名单为准；这里填了，学校会去核对",
    )
    sudden_accident = text_field("这两年突然出的事", 100, required=False)
    weak_labour = text_field("家人残疾、年迈，干不了活", 100, required=False)
    natural_disaster = text_field("受了灾", 100, required=False)
    unemployment = text_field("家人没有工作", 100, required=False)
    debt = text_field("欠债", 100, required=False)
    other = text_field("别的情况", 100, required=False)

    HINTS = {
        "sudden_accident": "车祸、大病、亲人去世等",
        "weak_labour": "写明是谁、什么情况",
        "natural_disaster": "洪水、火灾、地震等，写明时间和损失",
        "unemployment": "写明是谁、从什么时候起",
        "debt": "写明为什么欠、大约多少",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        groups = SpecialGroup.objects.order_by("pk").values_list("code", "name")
        self.fields["claims"].choices = list(groups)  # type: ignore[attr-defined]
        for name, hint in self.HINTS.items():
            self.fields[name].help_text = hint

    def told(self) -> Hardship:
        """The page's facts."""
        c = self.cleaned_data
        texts = {name: text for name, text in c.items() if name != "claims"}
        return Hardship(tuple(sorted(c["claims"])), **texts)


class SignedForm(forms.Form):
    """The fifth page beside its pictures."""

    reason = forms.CharField(
        label="申请理由",
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="用自己的话说说家里的困难，200字以内",
        error_messages={"required": "请写几句申请理由"},
    )
    brings_paper = forms.BooleanField(label="证件不拍照，复印件交给班主任", required=False)
    committed_by = text_field("承诺人姓名", 64, error_messages={"required": "请填承诺人姓名"})
    agrees = forms.BooleanField(
        label="我承诺以上填写的内容和材料真实，如有虚假，愿承担相应责任。",
        error_messages={"required": "承诺后才能提交"},
    )
    drawn = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, finished: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not finished:
            for field in self.fields.values():
                field.required = False

    def ask_all(self) -> None:
        """Show again what the page asks for, though less was enough to be kept."""
        for name, field in self.fields.items():
            field.required = self.base_fields[name].required

    def told(self) -> Signed:
        """The page's facts."""
        c = self.cleaned_data
        return Signed(c["reason"].strip(), c["committed_by"].strip(), c["brings_paper"])


class PaperForm(forms.Form):
    """One picture or PDF."""

    kind = forms.ChoiceField(
        label="是什么材料",
        choices=[
            ("", "请选择"),
            *(c for c in Attachment.Kind.choices if c[0] != Attachment.Kind.HOME_VISIT),
        ],
        error_messages={"required": "请选择是什么材料"},
    )
    file = forms.FileField(label="照片或PDF", error_messages={"required": "请选择照片"})
