"""Forms of the review; they read what was typed, the actions judge it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from django import forms

from review import marks
from review.models import Attendance, Case, Meeting, Notice, Objection
from review.rules import Votes
from schools import clock
from schools.models import Person
from schools.roles import Role

WORKDAYS = ((5, "5个工作日"), (7, "7个工作日"), (10, "10个工作日"))


class DateInput(forms.DateInput):
    """The browser's own calendar."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class TimeInput(forms.TimeInput):
    """The browser's own clock."""

    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


class ReasonForm(forms.Form):
    """One reason."""

    reason = forms.CharField(label="原因", max_length=200)


class EnactForm(forms.Form):
    """From when a scoring scheme counts."""

    valid_from = forms.DateField(
        label="启用日期", widget=DateInput(), help_text="这一天起开的认定批次按它评分，最早明天"
    )

    def __init__(self, data: Any = None) -> None:
        earliest = clock.today() + timedelta(days=1)
        super().__init__(data, initial={"valid_from": earliest})
        # The action refuses earlier days with its reasons; the calendar only does not offer them.
        self.fields["valid_from"].widget.attrs["min"] = earliest.isoformat()


class BindingForm(forms.Form):
    """What a bureau's scheme means for its schools."""

    binding = forms.ChoiceField(
        label="学校怎样使用",
        choices=[("may", "学校没有另定的使用它"), ("must", "所有学校必须使用，不能另定")],
        widget=forms.RadioSelect,
    )


class ConveneForm(forms.Form):
    """A meeting of the leading group."""

    day = forms.DateField(label="日期", widget=DateInput())
    at = forms.TimeField(label="时间", widget=TimeInput())
    place = forms.CharField(label="地点", max_length=48)
    topic = forms.CharField(label="议题", max_length=96)
    chair = forms.ModelChoiceField(Person.objects.none(), label="主持人", empty_label="请选择")
    recorder = forms.ModelChoiceField(Person.objects.none(), label="记录人", empty_label="请选择")
    members = forms.ModelMultipleChoiceField(
        Person.objects.none(),
        label="应到成员",
        widget=forms.CheckboxSelectMultiple,
        help_text="领导小组全体成员，主持人不必重复选",
    )

    def __init__(self, offices: dict[int, str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = Person.objects.filter(pk__in=offices)
        for name in ("chair", "recorder", "members"):
            field: Any = self.fields[name]
            field.queryset = people
            field.label_from_instance = lambda one: f"{one.name}，{Role(offices[one.pk]).label}"

    def held_at(self) -> datetime:
        """Date and time in China."""
        day, at = self.cleaned_data["day"], self.cleaned_data["at"] or time(9)
        return datetime.combine(day, at, tzinfo=clock.CHINA)


class RecuseForm(forms.Form):
    """Who withdraws from which case, and why."""

    case = forms.ChoiceField(label="编号")
    person = forms.ChoiceField(label="回避成员")
    reason = forms.CharField(label="原因", max_length=96)

    def __init__(
        self, cases: Sequence[Case], attendances: Sequence[Attendance], data: Any = None
    ) -> None:
        super().__init__(data)
        chosen: Any = self.fields
        chosen["case"].choices = [("", "请选择")] + [
            (c.pk, f"{c.code}，{c.school_class.name}") for c in cases
        ]
        chosen["person"].choices = [("", "请选择")] + [
            (a.person_id, a.person.name) for a in attendances if a.present and not a.recusal
        ]


class AttendanceForm(forms.Form):
    """For each member: present or not, and the reason for withdrawing."""

    def __init__(self, attendances: list[Attendance], data: Any = None) -> None:
        super().__init__(data)
        self.attendances = attendances
        for one in attendances:
            pk = one.person_id
            self.fields[f"present_{pk}"] = forms.BooleanField(
                label=f"{one.person.name}到会", required=False, initial=one.present
            )
            self.fields[f"recusal_{pk}"] = forms.CharField(
                label=f"{one.person.name}回避的原因",
                max_length=96,
                required=False,
                initial=one.recusal,
            )

    @property
    def mark(self) -> str:
        """Of what the page showed when it was opened, also while it is told what was wrong."""
        return self.data.get("mark", "") if self.is_bound else marks.of_attendance(self.attendances)

    def rows(self) -> list[dict[str, Any]]:
        """Each member with the two fields, for the template."""
        return [
            {
                "one": one,
                "present": self[f"present_{one.person_id}"],
                "recusal": self[f"recusal_{one.person_id}"],
            }
            for one in self.attendances
        ]

    def present(self) -> set[int]:
        """Ids of the people who came."""
        ids = [a.person_id for a in self.attendances]
        return {pk for pk in ids if self.cleaned_data[f"present_{pk}"]}

    def recusals(self) -> dict[int, str]:
        """Reasons of those who withdrew."""
        found = {a.person_id: self.cleaned_data[f"recusal_{a.person_id}"] for a in self.attendances}
        return {pk: text for pk, text in found.items() if text}


class DecideForm(forms.Form):
    """The votes; the changes case by case come beside them as `value_<id>` and `reason_<id>`."""

    votes_for = forms.IntegerField(label="同意", min_value=0, max_value=99)
    votes_against = forms.IntegerField(label="反对", min_value=0, max_value=99)
    votes_abstain = forms.IntegerField(label="弃权", min_value=0, max_value=99)
    resolution = forms.CharField(
        label="决议",
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
        help_text="不填则按表决结果自动写成",
    )

    def __init__(self, *args: Any, apart: Mapping[int, tuple[Case, int]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cases_apart = apart
        for pk, (case, voting) in apart.items():
            all_agree = (("for", "同意", voting), ("against", "反对", 0), ("abstain", "弃权", 0))
            for name, label, known in all_agree:
                self.fields[f"apart_{name}_{pk}"] = forms.IntegerField(
                    label=f"编号{case.code}{label}", initial=known, min_value=0, max_value=99
                )

    @classmethod
    def of(
        cls,
        meeting: Meeting,
        voting: int,
        data: Any = None,
        apart: Mapping[int, tuple[Case, int]] | None = None,
    ) -> "DecideForm":
        """All agree until told otherwise; `apart` = {case id: (case, how many vote on it)}."""
        return cls(
            data,
            initial={"votes_for": voting, "votes_against": 0, "votes_abstain": 0},
            apart=apart or {},
        )

    def rows_apart(self) -> list[dict[str, Any]]:
        """The three boxes of each case that is voted on apart."""
        return [
            {
                "case": case,
                "voting": voting,
                "boxes": [self[f"apart_{name}_{pk}"] for name in ("for", "against", "abstain")],
            }
            for pk, (case, voting) in self.cases_apart.items()
        ]

    def whole(self) -> dict[str, Any]:
        """The vote on all the others, as the action takes it."""
        return {name: v for name, v in self.cleaned_data.items() if not name.startswith("apart_")}

    def apart(self) -> dict[int, Votes]:
        """The votes case by case."""
        told = self.cleaned_data
        return {
            pk: Votes(
                told[f"apart_for_{pk}"], told[f"apart_against_{pk}"], told[f"apart_abstain_{pk}"]
            )
            for pk in self.cases_apart
        }

    @staticmethod
    def changes(data: Any, proposed: dict[int, str]) -> dict[int, tuple[str, str]]:
        """What was changed: a value other than the proposed one, with its reason."""
        found = {}
        for pk, before in proposed.items():
            value = str(data.get(f"value_{pk}", "")).strip()
            if value and value != before:
                found[pk] = (value, str(data.get(f"reason_{pk}", "")).strip())
        return found


class NoticeForm(forms.ModelForm[Notice]):
    """The words of a notice."""

    class Meta:
        model = Notice
        fields = [
            "title",
            "body",
            "department",
            "phone",
            "email",
            "superior_phone",
            "workdays",
            "scope",
            "show_tier",
        ]
        widgets = {
            "body": forms.Textarea(attrs={"rows": 6}),
            "workdays": forms.Select(choices=WORKDAYS),
            "scope": forms.RadioSelect,
        }
        help_texts = {
            "body": "公示期和名单由系统写在正文之后",
            "phone": "办公电话，不用个人手机",
            "workdays": "从发布次日起算，至少5个工作日",
            "show_tier": "不勾选时只列年级、班级和姓名",
        }


class ManyFilesInput(forms.ClearableFileInput):
    """One box that takes several files."""

    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """The list of what was chosen, each file cleaned as one."""

    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """Every chosen file."""
        chosen = data if isinstance(data, list | tuple) and data else [None]
        return [super(ManyFilesField, self).clean(one, initial) for one in chosen]


class PhotosForm(forms.Form):
    """Photographs of the board, with day and place."""

    posted_on = forms.DateField(label="张贴日期", widget=DateInput())
    place = forms.CharField(label="张贴地点", max_length=48)
    photos = ManyFilesField(label="照片", error_messages={"required": "请选择照片"})


class AnswerForm(forms.Form):
    """The answer to an objection."""

    upheld = forms.ChoiceField(
        label="结论",
        choices=[("no", "异议不成立"), ("yes", "异议成立，退回重新评审")],
        widget=forms.RadioSelect,
    )
    conclusion = forms.CharField(
        label="调查情况和答复",
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class RecordObjectionForm(forms.Form):
    """What the office or a head teacher takes down for somebody."""

    channel = forms.ChoiceField(
        label="提出方式",
        choices=[c for c in Objection.Channel.choices if c[0] != Objection.Channel.WEB],
        widget=forms.RadioSelect,
    )
    lodged_on = forms.DateField(
        label="提出日期", widget=DateInput(), help_text="接到电话、收到来信或来人的那一天"
    )
    serial = forms.IntegerField(
        label="名单中的序号",
        min_value=1,
        required=False,
        help_text="对某一名学生有异议时填写；对整份公示有异议不填",
    )
    text = forms.CharField(
        label="异议内容",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="按反映人的原话记录，不写反映人的姓名",
    )
    contact = forms.CharField(
        label="反映人的姓名和联系方式",
        max_length=100,
        required=False,
        help_text="不愿意留的不填；加密保存，查看要写理由并留记录",
    )


class ObjectionForm(forms.Form):
    """What the public writes."""

    serial = forms.IntegerField(
        label="名单中的序号", min_value=1, required=False, help_text="对某一名学生有异议时填写"
    )
    text = forms.CharField(
        label="异议内容",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="写明对哪一项有异议、为什么",
    )
    contact = forms.CharField(
        label="您的姓名和联系方式",
        max_length=100,
        required=False,
        help_text="不写也受理；写了只有受理人能看到，便于答复",
    )
