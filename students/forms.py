"""What people type about students, checked before an action sees it."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import Q

from schools import clock
from schools.models import Person, Stage
from students.graduation import with_moves
from students.models import (
    EnrolmentChange,
    SavedFilter,
    SchoolClass,
    SpecialGroup,
    Student,
)
from students.models.roster import GRADE_NAMES
from students.models.searching import whole_number
from students.rules.enrolment import DAY, NEEDS_REASON, TAKES_CLASS
from students.rules.rollover import why_not_together

LARGEST_FILE = 20 * 1024 * 1024


class TableFile(forms.Form):
    """A table to be read; what it really is, the reader finds out."""

    file = forms.FileField(
        label="文件",
        allow_empty_file=True,
        error_messages={"required": "还没有选择文件，请选择一个Excel表格。"},
    )

    def clean_file(self) -> Any:
        """Nothing so large that reading it would block everybody."""
        file = self.cleaned_data["file"]
        if (file.size or 0) > LARGEST_FILE:
            raise forms.ValidationError("文件超过20MB，请删去图片和不需要的工作表再上传。")
        return file


class NumberForm(forms.Form):
    """An exact number to look a student up by."""

    number = forms.CharField(
        label="证件号或学籍号",
        max_length=32,
        help_text="身份证、居住证、通行证、护照或学籍号，要完整的号码；查找会记录，号码不会留在网址里",
        error_messages={"required": "请输入完整的证件号或学籍号。"},
    )

    def clean_number(self) -> str:
        """Only what can be such a number is looked up and recorded."""
        number: str = self.cleaned_data["number"]
        if not whole_number(number):
            raise forms.ValidationError("这不是完整的证件号或学籍号，请核对位数。")
        return number


class KeptForm(forms.Form):
    """Which of one's own filters."""

    kept = forms.ModelChoiceField(SavedFilter.objects.none(), widget=forms.HiddenInput)

    def __init__(self, *args: Any, kept: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kept"].queryset = kept  # type: ignore[attr-defined]


class ClassForm(forms.Form):
    """A new class."""

    place = forms.ChoiceField(label="年级")
    number = forms.IntegerField(label="班号", min_value=1, max_value=999)
    name = forms.CharField(
        label="班级名称", max_length=32, required=False, help_text="不填就叫“高一（3）班”这样的名字"
    )
    major = forms.CharField(label="专业", max_length=48, required=False)
    department = forms.CharField(label="系部", max_length=32, required=False)
    agri_major = forms.BooleanField(label="涉农专业", required=False)

    def __init__(self, *args: Any, stage: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        first = {str(s): n for s, n in GRADE_NAMES.items()}
        stages = [stage, *(s for s in first if s != stage)]
        self.fields["place"].choices = [  # type: ignore[attr-defined]
            (f"{s}-{i}", name) for s in stages for i, name in enumerate(first[s], 1)
        ]
        if stage != "vocational":
            for name in ("major", "department", "agri_major"):
                del self.fields[name]

    def facts(self) -> dict[str, Any]:
        """Arguments of `actions.add_class`."""
        clean = dict(self.cleaned_data)
        stage, grade = clean.pop("place").rsplit("-", 1)
        names = {str(s): n for s, n in GRADE_NAMES.items()}
        default = f"{names[stage][int(grade) - 1]}（{clean['number']}）班"
        return {**clean, "stage": stage, "grade": int(grade), "name": clean["name"] or default}


class HeadTeacherForm(forms.Form):
    """Who leads a class: one of the people appointed as head teacher here."""

    person = forms.ModelChoiceField(Person.objects.none(), label="班主任", empty_label="请选择")

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = people  # type: ignore[attr-defined]


class HeadCountForm(forms.Form):
    """How many of a class were there, and when."""

    on = forms.DateField(
        label="清点日期",
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": "还没有填清点日期。", "invalid": "清点日期不对，请重新选择。"},
    )
    present = forms.IntegerField(
        label="实到人数",
        min_value=0,
        max_value=5_000,
        error_messages={"required": "还没有填实到人数。", "invalid": "实到人数要填整数。"},
    )
    excused = forms.IntegerField(
        label="请假人数",
        min_value=0,
        max_value=5_000,
        required=False,
        error_messages={"invalid": "请假人数要填整数。"},
    )
    note = forms.CharField(label="说明", max_length=200, required=False)

    def clean_excused(self) -> int:
        """Nobody named means nobody on leave."""
        return self.cleaned_data["excused"] or 0


class LeavingForm(forms.Form):
    """Students who are not in a roster's file, said to have left."""

    kind = forms.ChoiceField(label="异动类别")
    on = forms.DateField(label="离校日期", widget=forms.DateInput(attrs={"type": "date"}))
    reason = forms.CharField(
        label="原因",
        max_length=120,
        required=False,
        help_text="退学、转出、注销必须填写，例如转往哪所学校",
    )
    pick = forms.TypedMultipleChoiceField(label="学生", coerce=int, required=False)

    def __init__(
        self, *args: Any, kinds: Sequence[tuple[str, str]], students: Sequence[int], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [("", "请选择"), *kinds]  # type: ignore[attr-defined]
        self.fields["on"].initial = clock.today()
        self.fields["pick"].choices = [(key, key) for key in students]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """What the action would refuse is said here, beside the ticks."""
        clean: dict[str, Any] = super().clean() or self.cleaned_data
        kind, on, pick = clean.get("kind"), clean.get("on"), clean.get("pick")
        reason = clean.get("reason", "").strip()
        if kind in NEEDS_REASON and not reason:
            label = EnrolmentChange.Kind(kind).label
            self.add_error("reason", f"登记{label}要写明原因，例如转往哪所学校、批准文号。")
        if "pick" in clean and not pick:
            self.add_error("pick", "没有选择学生，请勾选确实已经离校的学生。")
        if kind and on and pick:
            going = with_moves(Student.objects.filter(pk__in=pick).order_by("pinyin", "pk"))
            told = {"kind": kind, "on": on, "reason": reason or "—", "today": clock.today()}
            for one in why_not_together(going=going, **told):
                self.add_error("on" if DAY in one.text else None, str(one))
        return clean


class GuardianForm(forms.Form):
    """A guardian; numbers are judged by the rules, with every reason at once."""

    name = forms.CharField(
        label="姓名", max_length=64, error_messages={"required": "还没有填监护人姓名。"}
    )
    relation = forms.CharField(
        label="与学生的关系",
        max_length=16,
        help_text="如父亲、母亲、祖父",
        error_messages={"required": "还没有填与学生的关系。"},
    )
    phone = forms.CharField(label="联系电话", max_length=24, required=False)
    id_kind = forms.ChoiceField(
        label="证件类型",
        required=False,
        choices=[
            ("", "不登记证件"),
            *(c for c in Student.IdKind.choices if c[0] != Student.IdKind.NONE),
        ],
    )
    id_number = forms.CharField(label="证件号码", max_length=24, required=False)


class ChangeForm(forms.Form):
    """学籍异动."""

    kind = forms.ChoiceField(label="异动类别")
    on = forms.DateField(label="异动日期", widget=forms.DateInput(attrs={"type": "date"}))
    to_class = forms.ModelChoiceField(
        SchoolClass.objects.none(),
        label="新班级",
        required=False,
        empty_label="不换班级",
        help_text="调班、留级、转专业必须选择；复学、入学、转入时可选",
    )
    reason = forms.CharField(
        label="原因",
        max_length=200,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="休学、退学、转出、注销、留级，死亡或注销之后恢复学籍，都必须填写，例如批准文号",
    )

    def __init__(
        self, *args: Any, kinds: list[tuple[str, str]], classes: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to_class"].queryset = classes  # type: ignore[attr-defined]
        self.fields["kind"].choices = [("", "请选择"), *kinds]  # type: ignore[attr-defined]
        self.fields["on"].initial = clock.today()

    def clean_on(self) -> Any:
        """A change is recorded after it happened."""
        day = self.cleaned_data["on"]
        if day > clock.today():
            raise forms.ValidationError("异动日期晚于今天，请在异动发生之后登记。")
        return day

    def clean(self) -> dict[str, Any]:
        """A class only where the change moves one."""
        clean: dict[str, Any] = super().clean() or self.cleaned_data
        if clean.get("to_class") and clean.get("kind") not in TAKES_CLASS:
            self.add_error("to_class", "这一类异动不换班级，请选“不换班级”。")
        return clean


class ListForm(TableFile):
    """A department's list."""

    group = forms.ModelChoiceField(
        SpecialGroup.objects.none(), label="特殊群体类型", empty_label="请选择"
    )
    issued_on = forms.DateField(
        label="名单日期",
        help_text="部门出具名单的日期",
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    valid_from = forms.DateField(label="有效期起", widget=forms.DateInput(attrs={"type": "date"}))
    valid_to = forms.DateField(
        label="有效期止",
        required=False,
        help_text="不填表示一直有效；以后的名单不再列名的，核对、审核后才停止",
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    field_order = ["group", "issued_on", "valid_from", "valid_to", "file"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["group"].queryset = SpecialGroup.objects.filter(  # type: ignore[attr-defined]
            Q(valid_to=None) | Q(valid_to__gte=clock.today()), valid_from__lte=clock.today()
        )
        self.fields["issued_on"].initial = clock.today()
        self.fields["valid_from"].initial = clock.today()

    def clean(self) -> dict[str, Any]:
        """A period that ends after it begins."""
        clean: dict[str, Any] = super().clean() or self.cleaned_data
        start, end = clean.get("valid_from"), clean.get("valid_to")
        if start and end and end < start:
            self.add_error("valid_to", "有效期止早于有效期起，请核对。")
        return clean


class AgeLimitForm(forms.Form):
    """The ages of one stage, as `actions.set_age_limit` takes them."""

    stage = forms.ChoiceField(label="学段")
    least = forms.IntegerField(
        label="最低年龄",
        error_messages={"required": "还没有填最低年龄。", "invalid": "年龄要填整数。"},
    )
    most = forms.IntegerField(
        label="最高年龄",
        error_messages={"required": "还没有填最高年龄。", "invalid": "年龄要填整数。"},
    )
    reason = forms.CharField(
        label="原因",
        max_length=120,
        help_text="例如：本校招收往届生和退役军人",
        error_messages={"required": "还没有写明原因。"},
    )
    seen = forms.CharField(max_length=16, widget=forms.HiddenInput)

    def __init__(self, *args: Any, stages: Sequence[Stage], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stage: Any = self.fields["stage"]
        stage.choices = [(one.value, one.label) for one in stages]
