"""What people type to put a student right, checked before an action sees it."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from django import forms
from django.db.models import Q

from privacy.identity import name_key
from schools.models import Stage
from students.models import IdentityCorrection, ProtectionWord, SchoolClass, Student
from students.models.roster import GRADE_NAMES
from students.rules.classes import ClassFacts
from students.rules.corrections import Identity
from students.rules.facts import LABELS, Facts
from students.rules.roster.dictionaries import POLITICAL_CHOICES


class CorrectionForm(forms.Form):
    """更正证件; numbers are judged by the rules, with every reason at once."""

    id_kind = forms.ChoiceField(label="证件类型", choices=Student.IdKind.choices)
    id_number = forms.CharField(label="证件号码", max_length=24, required=False)
    enrolment_no = forms.CharField(label="学籍号", max_length=24, required=False)
    name = forms.CharField(
        label="姓名", max_length=64, error_messages={"required": "还没有填姓名。"}
    )
    sex = forms.ChoiceField(label="性别", choices=Student.Sex.choices)
    birth_date = forms.DateField(
        label="出生日期",
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": "还没有填出生日期。", "invalid": "出生日期不对，请重新选择。"},
    )
    reason = forms.CharField(
        label="依据",
        max_length=120,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="例如：已办理身份证，凭户口簿第3页更正",
        error_messages={"required": "还没有写明依据。"},
    )

    def told(self) -> Identity:
        """Argument of `actions.propose_correction`."""
        return Identity(**{n: v for n, v in self.cleaned_data.items() if n != "reason"})


class ExchangeForm(forms.Form):
    """交换证件号码: with whom, found by name or student number."""

    second = forms.CharField(
        label="与谁填反了",
        max_length=64,
        help_text="另一名学生的姓名或学号",
        error_messages={"required": "还没有填另一名学生。"},
    )
    enrolment = forms.BooleanField(label="学籍号也一起交换", required=False, initial=True)
    reason = forms.CharField(
        label="依据",
        max_length=120,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="例如：对照两人户口簿，录入时相邻两行填反",
        error_messages={"required": "还没有写明依据。"},
    )

    def __init__(self, *args: Any, students: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.students = students

    def clean_second(self) -> Student:
        """The one student who is called so, or has this number."""
        text = self.cleaned_data["second"]
        called = Q(name_key=name_key(text)) | Q(student_no=text.strip())
        found: list[Student] = list(self.students.filter(called)[:2])
        if not found:
            raise forms.ValidationError("名册中没有这名学生，请填完整的姓名或学号。")
        if len(found) > 1:
            raise forms.ValidationError("有同名的学生，请填学号。")
        return found[0]


class CorrectionAnswerForm(forms.Form):
    """One step of a correction: which, and why not."""

    correction = forms.ModelChoiceField(IdentityCorrection.objects.none(), widget=forms.HiddenInput)
    reason = forms.CharField(label="退回的原因", max_length=120, required=False)

    def __init__(self, *args: Any, corrections: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["correction"].queryset = corrections  # type: ignore[attr-defined]


ANSWERS = (("", "不清楚"), ("1", "是"), ("0", "否"))


class _YesOrNo(forms.TypedChoiceField):
    """是, 否 or not known."""

    def __init__(self, label: str) -> None:
        super().__init__(
            label=label,
            choices=ANSWERS,
            coerce=lambda text: text == "1",
            empty_value=None,
            required=False,
        )

    def prepare_value(self, value: Any) -> Any:
        """What the roster has as one of the choices."""
        return {True: "1", False: "0", None: ""}.get(value, value)


class FactsForm(forms.Form):
    """The plain facts of a student; sealed ones are typed anew or stay."""

    student_no = forms.CharField(label="学号", max_length=24, required=False)
    ethnicity = forms.CharField(label="民族", max_length=16, required=False)
    native_place = forms.CharField(label="籍贯", max_length=48, required=False)
    political_status = forms.ChoiceField(
        label="政治面貌",
        choices=[("", "没有填"), *((word, word) for word in POLITICAL_CHOICES)],
        required=False,
    )
    household = forms.ChoiceField(
        label="户口性质", choices=[("", "没有填"), *Student.Household.choices], required=False
    )
    boarding = forms.ChoiceField(label="就读方式", choices=Student.Boarding.choices)
    campus = forms.CharField(label="校区（教学点）", max_length=48, required=False)
    entered_on = forms.DateField(
        label="入学日期",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"invalid": "入学日期不对，请重新选择。"},
    )
    left_behind = _YesOrNo("留守儿童")
    migrant = _YesOrNo("随迁子女")
    phone = forms.CharField(label="联系电话", max_length=24, required=False)
    address = forms.CharField(label="家庭住址", max_length=200, required=False)
    postcode = forms.CharField(label="邮政编码", max_length=6, required=False)
    household_address = forms.CharField(label="户口所在地", max_length=200, required=False)
    lifted_year = forms.IntegerField(
        label="脱贫年份",
        required=False,
        help_text="建档立卡户哪一年脱贫，如2019",
        error_messages={"invalid": "脱贫年份要填四位数的年份。"},
    )
    disability = forms.CharField(
        label="残疾类型", max_length=32, required=False, help_text="如视力残疾、肢体残疾"
    )
    drop = forms.MultipleChoiceField(
        label="删去现有的", required=False, widget=forms.CheckboxSelectMultiple
    )
    reason = forms.CharField(
        label="原因",
        max_length=120,
        help_text="例如：搬家，改为走读",
        error_messages={"required": "还没有写明更改的原因。"},
    )
    mark = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, held: Sequence[str], campuses: Sequence[str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if held:
            drop: Any = self.fields["drop"]
            drop.choices = [(name, LABELS[name]) for name in held]
        else:
            del self.fields["drop"]
        if campuses:
            self.fields["campus"].help_text = f"本校现有{'、'.join(campuses)}"[:120]

    def arguments(self) -> dict[str, Any]:
        """Arguments of `actions.correct_facts`."""
        clean = dict(self.cleaned_data)
        drop = clean.pop("drop", [])
        reason, mark = clean.pop("reason"), clean.pop("mark")
        return {"told": Facts(**clean), "drop": drop, "reason": reason, "mark": mark}


class ClassCorrectionForm(forms.Form):
    """A class put right."""

    grade = forms.TypedChoiceField(label="年级", coerce=int)
    number = forms.IntegerField(
        label="班号",
        min_value=1,
        max_value=999,
        error_messages={"required": "还没有填班号。", "invalid": "班号要填整数。"},
    )
    name = forms.CharField(
        label="班级名称", max_length=32, error_messages={"required": "还没有填班级名称。"}
    )
    department = forms.CharField(label="系部", max_length=32, required=False)
    major = forms.CharField(label="专业", max_length=48, required=False)
    agri_major = forms.BooleanField(label="涉农专业", required=False)
    campus = forms.CharField(
        label="全班所在的校区（教学点）",
        max_length=48,
        required=False,
        help_text="填了就改全班学生的校区，留空不改",
    )
    reason = forms.CharField(
        label="原因",
        max_length=120,
        help_text="例如：专业名称登记错了",
        error_messages={"required": "还没有写明更正的原因。"},
    )
    mark = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args: Any, row: SchoolClass, **kwargs: Any) -> None:
        self.now = ClassFacts.of(row)
        super().__init__(*args, **kwargs)
        self.initial = asdict(self.now) | {"mark": self.now.mark()}
        grade: Any = self.fields["grade"]
        grade.choices = list(enumerate(GRADE_NAMES[Stage(row.stage)], 1))
        if row.stage != Stage.VOCATIONAL:
            for name in ("major", "department", "agri_major"):
                del self.fields[name]

    def arguments(self) -> dict[str, Any]:
        """Arguments of `actions.correct_class`."""
        rest = {name: self.cleaned_data[name] for name in ("mark", "reason", "campus")}
        told = {name: value for name, value in self.cleaned_data.items() if name not in rest}
        return {"told": replace(self.now, **told), **rest}


class ProtectionForm(forms.Form):
    """Why a student is listed as 重点保障, or is to be listed no more."""

    act = forms.ChoiceField(
        choices=(("list", "列为重点保障"), ("lower", "不列为重点保障")), widget=forms.HiddenInput
    )
    reason = forms.CharField(
        label="原因",
        max_length=120,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "还没有写明原因。"},
    )


class LoweringAnswerForm(forms.Form):
    """One step of a word: which, and why not."""

    word = forms.ModelChoiceField(ProtectionWord.objects.none(), widget=forms.HiddenInput)
    reason = forms.CharField(label="退回的原因", max_length=120, required=False)

    def __init__(self, *args: Any, words: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["word"].queryset = words  # type: ignore[attr-defined]
