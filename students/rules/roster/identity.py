"""Who a row means: by ID card, residence permit, passport, or enrolment number without any."""

import re
from datetime import date
from functools import lru_cache

from stdnum import numdb

from office.spreadsheets.cells import as_text, is_float_id
from privacy.credentials import (
    NUMBERLESS_PATTERN,
    RESIDENCE_REGIONS,
    check_passport,
    check_permanent,
    check_permit,
    looks_like_passport,
    looks_like_permanent,
    looks_like_permit,
)
from privacy.identity import EARLIEST_BIRTH, ID_PATTERN, NumberCheck, check_id
from students.models import Student
from students.rules.roster.days import day_in, month_in
from students.rules.roster.dictionaries import CODE
from students.rules.roster.rows import Row

Kind = Student.IdKind
SEXES = {"男": "m", "女": "f", "男性": "m", "女性": "f", "1": "m", "2": "f", "M": "m", "F": "f"}
KINDS = {
    "居民身份证": Kind.RESIDENT, "身份证": Kind.RESIDENT, "二代身份证": Kind.RESIDENT,
    "中华人民共和国居民身份证": Kind.RESIDENT, "户口簿": Kind.RESIDENT, "户口本": Kind.RESIDENT,
    "港澳台居民居住证": Kind.RESIDENCE, "港澳居民居住证": Kind.RESIDENCE, "居住证": Kind.RESIDENCE,
    "台湾居民居住证": Kind.RESIDENCE, "香港特区护照/身份证明": Kind.PASSPORT,
    "港澳居民来往内地通行证": Kind.PERMIT, "台湾居民来往大陆通行证": Kind.PERMIT,
    "港澳台居民通行证": Kind.PERMIT, "通行证": Kind.PERMIT, "回乡证": Kind.PERMIT,
    "台胞证": Kind.PERMIT, "护照": Kind.PASSPORT, "外国护照": Kind.PASSPORT,
    "外国人护照": Kind.PASSPORT, "中国护照": Kind.PASSPORT,
    "澳门特区护照/身份证明": Kind.PASSPORT, "香港特区护照": Kind.PASSPORT,
    "澳门特区护照": Kind.PASSPORT, "香港居民身份证": Kind.PASSPORT,
    "澳门居民身份证": Kind.PASSPORT, "护照号": Kind.PASSPORT,
    "中华人民共和国港澳居民居住证": Kind.RESIDENCE,
    "中华人民共和国台湾居民居住证": Kind.RESIDENCE,
    "外国人永久居留身份证": Kind.PERMANENT,
    "外国人永久居留证": Kind.PERMANENT, "永久居留证": Kind.PERMANENT,
    "无": Kind.NONE, "无证件": Kind.NONE, "无身份证": Kind.NONE,
}  # fmt: skip
# Words that say which document it is not; then the number tells.
OTHERS = ("其他", "其他证件", "其它", "出生证", "出生医学证明", "境外永久居住证")
NOTHING = ("无", "没有", "暂无", "无证件", "无身份证", "/", "-", "—", "——", "N/A")
TAIWAN = "8位数字按台湾居民来往大陆通行证读取；如是没有写全的身份证号，请补全。"
FLOAT_ID = "Excel把号码存成了数字，末尾几位已经丢失。请将这一列设为“文本”，按证件重新填写。"
# How nearly every enrolment number is written; nothing in it can be mended or be wrong.
USUAL_ENROLMENT = re.compile("[GJL][0-9]{17}[0-9X]")
OF_NOBODY = "这是学籍号，不是证件号。没有证件的学生，请把它填在“学籍号”列，这一格留空。"
OF_A_CARD = "这是学籍号，请填证件上的号码，一般是去掉开头的G；学籍号填在“学籍号”列。"
# The region of made-up people; no such region exists, so it hides no mistake.
MADE_UP = "990"


def read_identity(row: Row, today: date) -> None:
    """Fill in kind, number, birth date and sex, or say what is wrong with them."""
    raw = row.cell("id_number")
    usual = isinstance(raw, str) and ID_PATTERN.fullmatch(raw) is not None
    if not usual and is_float_id(raw):
        row.wrong("id_number", FLOAT_ID)
        return
    stated = _stated(row)
    text = str(raw) if usual else as_text(raw)
    if text.upper() in NOTHING:
        raw = text = ""
    if not usual and (number := _enrolment_number(text)):
        row.wrong("id_number", OF_NOBODY if number[0] in "JL" else OF_A_CARD)
        return
    kind = stated or (Kind.RESIDENT if usual else _kind_of(text, row))
    if kind == Kind.RESIDENT and _permanent(text):
        kind = Kind.PERMANENT
    if kind == Kind.NONE and not text:
        _numberless(row, today)
    elif kind == Kind.PERMIT:
        _document(row, kind, check_permit(text), today)
    elif kind == Kind.PASSPORT:
        _document(row, kind, check_passport(text), today)
    elif kind == Kind.PERMANENT and len(text) != 18:
        _document(row, kind, check_permanent(text), today)
    else:
        _card(row, raw if isinstance(raw, str) else text, stated, today)


def _enrolment_number(text: str) -> str:
    """The enrolment number that stands where a document's belongs; '' for anything else."""
    number = "".join(text.split()).upper()
    return number if USUAL_ENROLMENT.fullmatch(number) else ""


def _stated(row: Row) -> Student.IdKind | None:
    raw = row.cell("id_kind")
    if isinstance(raw, str) and (usual := KINDS.get(raw)):
        return usual
    text = as_text(raw)
    if not text:
        return None
    bare = CODE.sub("", text, count=1)
    found = KINDS.get(bare) or (Kind.RESIDENT if text == "1" else None)
    if found is None and bare not in OTHERS:
        row.wrong("id_kind", "认不出这种证件，请填“居民身份证”“港澳台居民居住证”“护照”等。")
    return found


def _kind_of(text: str, row: Row) -> Student.IdKind:
    """What a number of which nobody says the kind must be."""
    if not text:
        number = row.text("enrolment_no").upper()
        return Kind.NONE if NUMBERLESS_PATTERN.fullmatch(number) else Kind.RESIDENT
    if len(text) == 8 and text.isdecimal() and row.text("birth_date"):
        row.doubtful("id_number", TAIWAN)
        return Kind.PERMIT
    if len(text) == 18 or text.isdigit():
        return Kind.RESIDENT
    if looks_like_permanent(text):
        return Kind.PERMANENT
    if looks_like_permit(text):
        return Kind.PERMIT
    return Kind.PASSPORT if looks_like_passport(text) else Kind.RESIDENT


def _permanent(text: str) -> bool:
    """Whether 18 digits are a foreigner's: 9, then province and country instead of a region."""
    return len(text) == 18 and text.startswith("9") and not text.startswith(MADE_UP)


def _card(row: Row, number: str, stated: Student.IdKind | None, today: date) -> None:
    """An ID card or a residence permit: 18 digits that tell birth date and sex."""
    permanent = stated == Kind.PERMANENT or _permanent(as_text(number))
    known = _any_region if permanent else region_known
    check = check_id(number, today=today, region_known=known)
    for problem in check.problems:
        row.wrong("id_number", problem)
    for warning in check.warnings:
        row.doubtful("id_number", warning)
    if check.problems or check.birth_date is None:
        return
    residence = check.number.startswith(RESIDENCE_REGIONS)
    if stated == Kind.RESIDENCE and not residence:
        row.wrong("id_number", "居住证号码以810000、820000或830000开头，请核对证件类型和号码。")
    for mended in check.mended:
        row.mend("id_number", mended)
    facts = row.facts
    kind = Kind.PERMANENT if permanent else Kind.RESIDENCE if residence else Kind.RESIDENT
    facts.id_kind = kind.value
    facts.id_number = check.number
    facts.birth_date = check.birth_date
    facts.sex = SEXES[str(check.sex)]
    _agrees_with_identity(row)


def _agrees_with_identity(row: Row) -> None:
    raw, told = row.cell("sex"), row.facts.sex
    usual = isinstance(raw, str) and SEXES.get(raw) == told
    if not usual and (text := as_text(raw)):
        sex = SEXES.get(text.upper())
        if sex is None:
            row.wrong("sex", "性别应为“男”或“女”，请改正。")
        elif sex != told:
            found = Student.Sex(str(told)).label
            row.wrong("sex", f"与身份证号不符，身份证号表明是{found}，请对照证件核对这两格。")
    if row.cell("birth_date") == str(row.facts.birth_date):
        return
    day = _birth_in(row)
    if day is not None and not _same_day(day, row):
        row.wrong("birth_date", "与身份证号中的出生日期不同，请对照证件核对这两格。")


def _birth_in(row: Row) -> date | None:
    raw = row.cell("birth_date")
    if not as_text(raw):
        return None
    try:
        return day_in(raw)
    except ValueError as error:
        row.wrong("birth_date", str(error))
        return None


def _same_day(day: date, row: Row) -> bool:
    """出生年月 without a day agrees when year and month do."""
    birth = row.facts.birth_date
    if day == birth or birth is None:
        return True
    month_only = month_in(row.text("birth_date")) is not None
    return month_only and (day.year, day.month) == (birth.year, birth.month)


def _document(row: Row, kind: Student.IdKind, check: NumberCheck, today: date) -> None:
    """A document whose number tells neither birth date nor sex: both columns are needed."""
    for problem in check.problems:
        row.wrong("id_number", problem)
    said = _birth_and_sex(row, kind.label, today)
    if said and not check.problems:
        row.facts.id_kind, row.facts.id_number = kind.value, check.number
        row.facts.birth_date, row.facts.sex = said


def _numberless(row: Row, today: date) -> None:
    """No document: the J or L number of the enrolment stands for the identity."""
    number = "".join(row.text("enrolment_no").split()).upper()
    if not NUMBERLESS_PATTERN.fullmatch(number):
        row.wrong("id_number", "没有证件的学生要有J或L开头的19位学籍号，请填写“学籍号”列。")
        return
    if said := _birth_and_sex(row, Kind.NONE.label, today):
        row.facts.id_kind, row.facts.id_number = Kind.NONE.value, number
        row.facts.birth_date, row.facts.sex = said
        row.doubtful(
            "enrolment_no",
            "这名学生没有身份证件，按学籍号登记，办到证件后请在学生的页面“更正证件”。",
        )


def _birth_and_sex(row: Row, kind: str, today: date) -> tuple[date, str] | None:
    sex = SEXES.get(row.text("sex").upper())
    if sex is None:
        row.wrong("sex", f"{kind}的号码里没有性别，请在“性别”列填“男”或“女”。")
    if not row.text("birth_date"):
        row.wrong("birth_date", f"{kind}的号码里没有出生日期，请在“出生日期”列填写年月日。")
        return None
    birth = _birth_in(row)
    if birth is None:
        return None
    if month_in(row.text("birth_date")) is not None:
        row.wrong("birth_date", "请写完整的出生日期，如2010-01-31，只有年月不够。")
        return None
    if not EARLIEST_BIRTH <= birth <= today:
        row.wrong("birth_date", "出生日期应在1900年之后、今天之前，请核对。")
        return None
    return (birth, sex) if sex else None


def _any_region(code: str) -> bool:
    return True


@lru_cache(maxsize=4096)
def region_known(code: str) -> bool:
    """Whether six digits stand for a region, now or formerly."""
    return (
        code.startswith(MADE_UP)
        or code in RESIDENCE_REGIONS
        or any(about for _, about in numdb.get("cn/loc").info(code))
    )
