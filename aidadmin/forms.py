"""Forms of the top floor: signing in, appointing, ending a term of office, the calendar."""

import io
import re
from datetime import date
from typing import Any, cast

from django import forms
from django.contrib.auth.forms import AuthenticationForm

from privacy.identity import check_id, valid_name
from schools import clock
from schools.models import Organisation
from schools.roles import Role
from schools.rules import Special, roles_of

MOST_BYTES = 200_000
DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})日?")
OFF, WORKED = frozenset("休假放"), frozenset("班补")


class SignInForm(AuthenticationForm):
    """Signing in; one sentence for every failure, so that nobody learns which part was wrong."""

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

    def __init__(self, organisation: Organisation, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = roles_of(organisation)
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
