"""Forms of the top floor: signing in, appointing, organisations, the calendar."""

import io
import re
from datetime import date
from typing import Any, cast

from django import forms
from django.contrib.auth.forms import AuthenticationForm, UsernameField

from audit.refusal import Reason
from privacy.identity import check_id, check_phone, valid_name
from schools import clock, hierarchy
from schools.models import Appointment, Bureau, Organisation, School, Stage
from schools.roles import Role
from schools.rules import (
    NAME_LENGTH,
    Special,
    appointable,
    first_roles,
    roles_of,
    why_not_code,
    why_not_district,
    why_not_name,
)

MOST_BYTES = 200_000
DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})日?")
OFF, WORKED = frozenset("休假放"), frozenset("班补")


class SignInForm(AuthenticationForm):
    """Signing in; one sentence for every failure, so that nobody learns which part was wrong."""

    username = UsernameField(label="用户名")

    error_messages = {
        "invalid_login": "用户名或密码不对，请重新输入。",
        "inactive": "用户名或密码不对，请重新输入。",
    }


class EmployForm(forms.Form):
    """Whom to appoint to what, since when."""

    name = forms.CharField(label="姓名", max_length=64)
    id_number = forms.CharField(
        label="身份证号", max_length=24, help_text="用来辨认是不是同一个人，加密保存。"
    )
    role = forms.ChoiceField(label="职责")
    since = forms.DateField(label="任期开始")
    last_day = forms.DateField(label="任期最后一天", required=False, help_text="不填就是长期任职。")

    def __init__(
        self,
        organisation: Organisation,
        *args: Any,
        by: Appointment | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        known = appointable(organisation, by) if by else roles_of(organisation)
        field = cast(forms.ChoiceField, self.fields["role"])
        field.choices = [("", "请选择"), *((r.value, r.label) for r in Role if r in known)]
        self.fields["since"].initial = clock.today()

    def clean_name(self) -> str:
        """A name that can be a person's."""
        name = str(self.cleaned_data["name"]).strip()
        if problems := valid_name(name):
            raise forms.ValidationError(problems)
        return name

    def clean_id_number(self) -> str:
        """An ID number with a right check digit; typing accidents are mended."""
        found = check_id(
            self.cleaned_data["id_number"], today=clock.today(), region_known=lambda _: True
        )
        if found.problems:
            raise forms.ValidationError(found.problems)
        return found.number

    def clean_role(self) -> Role:
        """The role itself."""
        return Role(self.cleaned_data["role"])


class FirstForm(EmployForm):
    """Whom the superior appoints where nobody can appoint yet."""

    def __init__(self, organisation: Organisation, *args: Any, **kwargs: Any) -> None:
        # The page has a second form with a name in it.
        super().__init__(organisation, *args, auto_id="first_%s", **kwargs)
        known = [(r.value, r.label) for r in first_roles(organisation)]
        field = cast(forms.ChoiceField, self.fields["role"])
        field.choices = known if len(known) == 1 else [("", "请选择"), *known]


class OrganisationForm(forms.Form):
    """A bureau or school with its contacts; `organisation` is the one to change, if any.

    What can't be changed any more has no field: code and stage once someone was appointed, the
    place of a school that is not wholly below `top`.
    """

    code = forms.CharField(label="代码", max_length=10)
    name = forms.CharField(label="单位名称", max_length=NAME_LENGTH, help_text="公章上的全称")
    contact_name = forms.CharField(
        label="联系人", max_length=32, required=False, help_text="人或科室，例如学生资助办公室"
    )
    contact_phone = forms.CharField(label="联系电话", max_length=32, required=False)
    contact_email = forms.EmailField(label="电子邮箱", max_length=64, required=False)
    address = forms.CharField(label="地址", max_length=128, required=False)
    is_school = False

    def __init__(
        self,
        top: Organisation,
        *args: Any,
        organisation: Organisation | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.top, self.organisation = top, organisation
        if organisation:
            for name, field in self.fields.items():
                field.initial = getattr(organisation, name)
            if hierarchy.staffed(organisation):
                self.fields.pop("code")
                self.fields.pop("stage", None)

    def clean_contact_phone(self) -> str:
        """A number that can be called."""
        number = str(self.cleaned_data["contact_phone"]).strip()
        if not number:
            return ""
        found = check_phone(number)
        if found.problems:
            raise forms.ValidationError(found.problems)
        return found.number

    def clean(self) -> dict[str, Any]:
        """What the rules say of code and name, beside the fields' own mistakes."""
        cleaned = super().clean() or {}
        old = self.organisation
        code = cleaned.get("code", old.code if old else "")
        name = cleaned.get("name", old.name if old else "")
        known = hierarchy.taken(code=code, name=name, place_id=self._place(), apart_from=old)
        if "code" in cleaned:
            self._refuse("code", why_not_code(code, known, school=self.is_school))
        if "name" in cleaned:
            self._refuse("name", why_not_name(name, known))
        return cleaned

    def _refuse(self, field: str, reasons: list[Reason]) -> None:
        for reason in reasons:
            self.add_error(field, f"{reason.text}，{reason.mend}。")

    def _place(self) -> int | None:
        return self.organisation.superior_id if self.organisation else self.top.pk


class DistrictForm(OrganisationForm):
    """A district's bureau."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "code" in self.fields:
            self.fields["code"].label = "行政区划代码"
            self.fields["code"].help_text = "6位数字"
        self.fields["contact_phone"].help_text = "学校公示里的上级监督电话用它"

    def clean(self) -> dict[str, Any]:
        """A new district lies in the city's province."""
        cleaned = super().clean()
        if self.organisation is None and "code" in cleaned:
            region = Bureau.objects.get(pk=self.top.pk).region_code
            self._refuse("code", why_not_district(self.top, cleaned["code"], region))
        return cleaned


class SchoolForm(OrganisationForm):
    """A school."""

    stage = forms.ChoiceField(label="学段", choices=[("", "请选择"), *Stage.choices])
    superior = forms.ModelChoiceField(Bureau.objects.none(), label="主管部门", empty_label="请选择")
    territory = forms.ModelChoiceField(
        Bureau.objects.none(),
        label="属地",
        help_text="学校坐落的区；与主管部门可以不同",
        empty_label="请选择",
    )
    is_private = forms.BooleanField(label="民办", required=False)
    has_boarding = forms.BooleanField(label="有寄宿", required=False)
    joint_with = forms.CharField(
        label="联合办学单位",
        max_length=64,
        required=False,
        help_text="与别的学校或单位联合办学的，写对方全称；没有不填",
    )
    is_school = True
    field_order = [
        "code", "name", "stage", "superior", "territory", "is_private", "has_boarding",
        "joint_with",
    ]  # fmt: skip

    def __init__(
        self, top: Organisation, *args: Any, organisation: School | None = None, **kwargs: Any
    ) -> None:
        super().__init__(top, *args, organisation=organisation, **kwargs)
        if "code" in self.fields:
            self.fields["code"].label = "学校标识码"
            self.fields["code"].help_text = "10位数字"
        if organisation and not hierarchy.may_place(top, organisation):
            del self.fields["superior"], self.fields["territory"]
            return
        keys = [b.pk for b in hierarchy.below(top)]
        for name in ("superior", "territory"):
            field = cast(forms.ModelChoiceField[Bureau], self.fields[name])
            field.queryset = Bureau.objects.filter(pk__in=keys).order_by("code")
            field.empty_label = "请选择" if len(keys) > 1 else None
            if organisation:
                field.initial = getattr(organisation, f"{name}_id")

    def _place(self) -> int | None:
        chosen = self.cleaned_data.get("territory")
        if chosen:
            return int(chosen.pk)
        return self.organisation.territory_id if isinstance(self.organisation, School) else None


class EndForm(forms.Form):
    """The last day in office."""

    last_day = forms.DateField(label="最后一天")


class TermForm(forms.Form):
    """A term's first and last day."""

    starts_on = forms.DateField(label="开学日期")
    ends_on = forms.DateField(label="结束日期")


class YearForm(forms.Form):
    """A year's holidays and worked weekends, pasted or as a text file, one day a line."""

    year = forms.IntegerField(label="年份", min_value=2000, max_value=2100)
    source = forms.CharField(
        label="依据", max_length=64, help_text="例如：国办发明电〔2026〕7号，放假安排的通知"
    )
    text = forms.CharField(
        label="放假和调休",
        required=False,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text="一行一天：日期、休或班、节日，例如“2027-02-05 休 春节”。放假遇到的周末也要写。",
    )
    file = forms.FileField(label="或者选一个文本文件", required=False, help_text=".txt 或 .csv")

    def clean(self) -> dict[str, Any]:
        """The days out of the text or the file, or every line that can't be read."""
        cleaned = super().clean() or {}
        text = cleaned.get("text", "") or _text_of(cleaned.get("file"))
        if not text.strip():
            raise forms.ValidationError("请粘贴放假安排，或者选一个文件。")
        cleaned["days"], wrong = read_days(text)
        if wrong:
            raise forms.ValidationError([f"第{n}行读不懂：“{line}”" for n, line in wrong[:10]])
        return cleaned


def _text_of(file: Any) -> str:
    if file is None:
        return ""
    if file.size is None or file.size > MOST_BYTES:
        raise forms.ValidationError("文件太大，一年的放假安排只有几十行。")
    raw: bytes = file.read()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise forms.ValidationError("文件不是文本，请另存为 .txt 或 .csv。")


def read_days(text: str) -> tuple[list[Special], list[tuple[int, str]]]:
    """The days of a list, and the lines (number, text) that can't be read."""
    days, wrong = [], []
    for number, line in enumerate(io.StringIO(text), start=1):
        stripped = line.strip()
        if not stripped or stripped.startswith(("#", "日期")):
            continue
        special = _special(stripped)
        if special is None:
            wrong.append((number, stripped[:40]))
        else:
            days.append(special)
    return days, wrong


def _special(line: str) -> Special | None:
    match = DAY.match(line)
    if match is None:
        return None
    try:
        day = date(*(int(part) for part in match.groups()))
    except ValueError:
        return None
    words = [w for w in re.split(r"[\s,，;；\t]+", line[match.end() :]) if w]
    if not words or words[0][0] not in OFF | WORKED:
        return None
    return Special(day, words[0][0] in WORKED, " ".join(words[1:])[:32])
