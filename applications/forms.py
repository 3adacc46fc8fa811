"""What people type about an application: amounts in yuan here, in fen everywhere else."""

from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.http import QueryDict

from applications.models import HARDSHIPS, Application, HouseholdSurvey
from applications.models.entries import Signer
from applications.rules.amounts import plain_digits
from applications.rules.papers import OTHER_KINDS
from applications.rules.surveys import (
    HEALTH,
    MOST_MEMBERS,
    RELATIONS,
    MemberFacts,
    SurveyFacts,
    grown,
)
from office.asked import key_of
from students.models import SpecialGroup, Student


def typed_number(value: Any) -> Any:
    """A number as people type it, as a form reads it."""
    return plain_digits(value) if isinstance(value, str) else value


class YuanField(forms.DecimalField):
    """An amount, with thousands set apart or not."""

    def to_python(self, value: Any) -> Any:
        """The amount; blanks alone are no amount."""
        return super().to_python(typed_number(value))


class WholeField(forms.IntegerField):
    """A whole number, in digits of either width."""

    def to_python(self, value: Any) -> Any:
        """The number; blanks alone are no number."""
        return super().to_python(typed_number(value))


def yuan_field(
    label: str, *, required: bool = False, example: str = "32000", negative: str = "不能是负数"
) -> YuanField:
    """An amount in yuan with two decimals; `negative` answers an amount below 0."""
    too_large = "数太大了，单位是元，请核对"
    return YuanField(
        label=label,
        required=required,
        min_value=0,
        max_digits=12,
        decimal_places=2,
        error_messages={
            "invalid": f"请填数字，例如{example}",
            "min_value": negative,
            "max_decimal_places": f"角分最多两位小数，例如{example}.50",
            "max_digits": too_large,
            "max_whole_digits": too_large,
        },
    )


def income_field(label: str, *, required: bool = False, example: str = "32000") -> YuanField:
    """What a year brings in, in yuan."""
    negative = "不能是负数，没有收入填0"
    return yuan_field(label, required=required, example=example, negative=negative)


def whole_field(label: str, least: int, most: int, example: int, **options: Any) -> WholeField:
    """A whole number from `least` to `most`."""
    beyond = f"应在{least}到{most}之间，请核对"
    return WholeField(
        label=label,
        min_value=least,
        max_value=most,
        error_messages={
            "invalid": f"请填数字，例如{example}",
            "min_value": beyond,
            "max_value": beyond,
        },
        **options,
    )


def fen(yuan: Decimal | None) -> int | None:
    """Yuan as typed into integer fen."""
    return None if yuan is None else int(yuan * 100)


def yuan(fen_: int) -> Decimal:
    """Fen as an amount to type; whole yuan without decimals."""
    amount = Decimal(fen_) / 100
    return amount.quantize(Decimal(1)) if fen_ % 100 == 0 else amount.quantize(Decimal("0.01"))


def text_field(label: str, length: int, **options: Any) -> forms.CharField:
    """A line of text."""
    return forms.CharField(label=label, max_length=length, **options)


def received_field() -> forms.MultipleChoiceField:
    """Which papers came on paper, ticked by whoever looked at them."""
    return forms.MultipleChoiceField(
        label="已收到的其他材料",
        required=False,
        choices=OTHER_KINDS,
        widget=forms.CheckboxSelectMultiple,
        help_text="纸质的，看过后勾选",
    )


class ToldForm(forms.Form):
    """申请理由 and 个人承诺."""

    reason = forms.CharField(
        label="申请理由",
        max_length=200,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="照申请表填写，200字以内",
    )
    committed_by = text_field(
        "承诺人", 64, required=False, help_text="在承诺书上签字的学生或监护人"
    )
    committed_relation = forms.ChoiceField(
        label="承诺人与学生的关系",
        required=False,
        choices=[("", "请选择"), *Signer.choices],
        help_text="不满14周岁的，由父母或其他监护人承诺",
    )
    consents = forms.BooleanField(
        label="承诺人已在纸面上签字同意学校为资助认定处理个人信息", required=False
    )
    committed_on = forms.DateField(
        label="承诺日期", required=False, help_text="纸面上签字的日期", widget=forms.DateInput()
    )
    identity_paper = forms.ChoiceField(
        label="已收到并核对的身份证明",
        required=False,
        choices=[*Application.IdentityPaper.choices, ("", "还没有收到")],
        widget=forms.RadioSelect,
    )
    papers_received = received_field()


class PlainForm(forms.Form):
    """A programme's application: recognition has told the rest already."""

    reason = forms.CharField(
        label="申请理由",
        max_length=200,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="200字以内",
    )
    papers_received = received_field()


class SurveyForm(forms.Form):
    """家庭情况 apart from the members."""

    family_size = whole_field(
        "家庭人口", 1, 30, 4, required=False, help_text="含学生本人；不填按成员计算"
    )
    students_in_family = whole_field("在读子女", 1, 15, 2, initial=1, help_text="含学生本人")
    annual_income = income_field("家庭年收入")
    income_source = text_field("主要收入来源", 48, required=False)
    seriously_ill = forms.BooleanField(label="家中有重病患者", required=False)
    single_parent = forms.BooleanField(label="单亲家庭", required=False)
    claims = forms.MultipleChoiceField(
        label="特殊群体类型",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="照申请表上勾的勾选；以部门名单为准，不一致的会提示核对",
    )
    natural_disaster = text_field("自然灾害", 100, required=False)
    sudden_accident = text_field("突发意外事件", 100, required=False)
    weak_labour = text_field("残疾、年迈等劳动能力弱", 100, required=False)
    unemployment = text_field("失业", 100, required=False)
    debt = text_field("欠债", 100, required=False)
    other = text_field("其他", 100, required=False)
    phone = text_field("家长手机", 32, required=False)
    address = text_field("家庭住址", 100, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["annual_income"].help_text = "全家一年，不填按成员相加"
        groups = SpecialGroup.objects.order_by("pk").values_list("code", "name")
        self.fields["claims"].choices = list(groups)  # type: ignore[attr-defined]


class MemberForm(forms.Form):
    """One member of the household."""

    name = text_field("姓名", 64)
    relation = forms.ChoiceField(
        label="与学生关系", choices=[("", "请选择"), *((r, r) for r in RELATIONS)]
    )
    age = whole_field("年龄", 0, 120, 41)
    occupation = text_field("职业", 32, required=False)
    work = text_field("工作（学习）单位", 64, required=False)
    annual_income = income_field("年收入")
    health = forms.ChoiceField(
        label="健康状况", choices=[(h, h) for h in HEALTH], initial=HEALTH[0], required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["annual_income"].help_text = "没有收入填0"


if TYPE_CHECKING:
    Rows = forms.BaseFormSet[MemberForm]
else:
    Rows = forms.BaseFormSet


class Members(Rows):
    """The members' rows; a row left empty is nobody, even where the roster proposed someone."""

    def initial_form_count(self) -> int:
        """Every posted row may be empty."""
        return 0 if self.is_bound else super().initial_form_count()


MemberFormSet = forms.formset_factory(
    MemberForm,
    formset=Members,
    extra=2,
    max_num=MOST_MEMBERS,
    validate_max=True,
    can_delete=True,
)


def survey_facts(survey: SurveyForm, members: Rows) -> SurveyFacts:
    """The facts of two valid forms; empty phone and address mean: as they were."""
    told = survey.cleaned_data
    return SurveyFacts(
        members=tuple(_members(members)),
        family_size=told["family_size"],
        annual_income_fen=fen(told["annual_income"]),
        income_source=told["income_source"],
        students_in_family=told["students_in_family"],
        seriously_ill=told["seriously_ill"],
        single_parent=told["single_parent"],
        claims=tuple(told["claims"]),
        phone=told["phone"] or None,
        address=told["address"] or None,
        **{name: told[name] for name in HARDSHIPS},
    )


def _members(members: Rows) -> Iterable[MemberFacts]:
    for form in members:
        told = form.cleaned_data
        if not told.get("name") or told.get("DELETE"):
            continue
        yield MemberFacts(
            name=told["name"],
            relation=told["relation"],
            age=told["age"],
            work=told["work"],
            occupation=told["occupation"],
            annual_income_fen=fen(told["annual_income"]) or 0,
            health=told["health"],
        )


def survey_initial(survey: HouseholdSurvey) -> dict[str, Any]:
    """What the form shows of a survey; phone and address stay sealed."""
    names = (
        "family_size",
        "students_in_family",
        "income_source",
        "seriously_ill",
        "single_parent",
        "claims",
        *HARDSHIPS,
    )
    shown = {name: getattr(survey, name) for name in names}
    return {**shown, "annual_income": yuan(survey.annual_income_fen)}


def members_initial(survey: HouseholdSurvey, years: int = 0) -> list[dict[str, Any]]:
    """What the form shows of the members, so many years after they told it."""
    names = ("name", "relation", "work", "occupation", "health")
    return [
        {
            **{n: getattr(m, n) for n in names},
            "age": grown(m.age, years),
            "annual_income": yuan(m.annual_income_fen),
        }
        for m in survey.members.order_by("pk")
    ]


def members_initial_for(student: Student) -> list[dict[str, Any]]:
    """The guardians that the roster knows, to begin with."""
    return [
        {"name": g.name, "relation": g.relation if g.relation in RELATIONS else "监护人"}
        for g in student.guardians.order_by("pk")
    ]


def typed(form: type[forms.Form], data: QueryDict, prefix: str = "") -> dict[str, Any]:
    """What was typed, unjudged, to show the form again with more room."""
    lead = f"{prefix}-" if prefix else ""
    several = {n for n, f in form.base_fields.items() if isinstance(f, forms.MultipleChoiceField)}
    return {
        name: data.getlist(f"{lead}{name}") if name in several else data.get(f"{lead}{name}", "")
        for name in form.base_fields
    }


def typed_rows(data: QueryDict) -> int:
    """How many rows of members the posted page had."""
    return min(key_of(data.get(f"{MEMBERS}-TOTAL_FORMS")) or 0, MOST_MEMBERS)


def typed_members(data: QueryDict) -> list[dict[str, Any]]:
    """The rows of members as typed, without those that were left empty."""
    total = typed_rows(data)
    rows = [typed(MemberForm, data, f"{MEMBERS}-{n}") for n in range(total)]
    return [row for row in rows if any(v for k, v in row.items() if k != "health")]


MEMBERS = "members"
