"""The files that schools and departments send: rosters, lists, cards and bank returns, as .xlsx."""

import io
from collections.abc import Iterable, Sequence
from datetime import date

import openpyxl
from openpyxl.utils import get_column_letter

from aidadmin.demo.people import Invention, Pupil
from aidadmin.demo.rolls import GROUPS, Roll
from disbursement import bank_files, content
from disbursement.models import PaymentBatch

ROSTER_HEADERS = (
    "序号", "姓名", "性别", "出生日期", "身份证件号码", "民族", "学籍号", "学号", "年级", "班级",
    "入学年月", "户口性质", "就读方式", "联系电话", "现住址",
    "监护人姓名", "监护人关系", "监护人电话",
)  # fmt: skip


def table(title: str, headers: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A workbook as offices make them: a merged title above the header, everything as text."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None  # noqa: S101 — a new workbook always has one sheet
    sheet.title = "Sheet1"
    sheet.append([title])
    sheet.merge_cells(f"A1:{get_column_letter(len(headers))}1")
    sheet.append(list(headers))
    for row in rows:
        sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def roster(roll: Roll, year: int = 2026) -> bytes:
    """The school's roster as its enrolment system exports it, with some of the usual slips."""
    rows = []
    for number, pupil in enumerate(roll.pupils, 1):
        id_number = pupil.id_number
        # Slips of two in a hundred, which the import mends and says: a space, full-width digits.
        if number % 97 == 0:
            id_number = f"{id_number[:6]} {id_number[6:]}"
        elif number % 89 == 0:
            id_number = id_number.translate(str.maketrans("0123456789", "０１２３４５６７８９"))
        rows.append(_roster_row(number, pupil, id_number))
    term = f"{year}—{year + 1}学年第一学期"
    return table(f"{roll.plan.name}{term}学生名册", ROSTER_HEADERS, rows)


def _roster_row(number: int, pupil: Pupil, id_number: str) -> list[object]:
    return [
        number,
        pupil.name,
        pupil.sex,
        f"{pupil.birth_date:%Y%m%d}",
        id_number,
        pupil.ethnicity,
        pupil.enrolment_no,
        pupil.student_no,
        pupil.grade_name,
        pupil.class_name,
        f"{pupil.entered_on:%Y-%m-%d}",
        "农村" if pupil.rural else "城镇",
        "住校" if pupil.boarder else "走读",
        pupil.phone,
        pupil.address,
        pupil.guardian,
        pupil.guardian_relation,
        pupil.guardian_phone,
    ]


def department_lists(found: dict[str, Roll], bureau_key: str) -> dict[str, bytes]:
    """A district's lists by group: its pupils who belong, and people whom no roster knows."""
    strangers = Invention(f"strangers-{bureau_key}", "990199")
    pupils = [p for r in found.values() if r.plan.district == bureau_key for p in r.pupils]
    files = {}
    for group, _ in GROUPS:
        listed = [(p.name, p.id_number) for p in pupils if group in p.groups]
        for _ in range(2 + len(listed) // 20):
            birth = strangers.birth(13, date(2026, 9, 1))
            listed.append((strangers.name(), strangers.id_number(birth, "男")))
        rows = [[i, name, number] for i, (name, number) in enumerate(listed, 1)]
        files[group] = table("名单", ("序号", "姓名", "身份证号码"), rows)
    return files


def bank_return(batch: PaymentBatch, *, failures: int, on: date) -> bytes:
    """The bank's answer to a batch in the batch's own profile; the first `failures` lines fail."""
    causes = ("账户未激活", "账户已挂失", "户名不符")
    payments = content.payments(batch.lines.order_by("serial"))
    failed = {p.number: causes[i % len(causes)] for i, p in enumerate(payments[:failures])}
    return bank_files.answer(batch.profile, batch.number, payments, failures=failed, on=on)


def cards(roll: Roll) -> bytes:
    """The bank's list of cards it issued, for the officer to register."""
    teller = Invention(f"cards-{roll.plan.key}", "990199")
    rows = [
        [number, pupil.class_name, pupil.name, pupil.student_no, teller.card(), "示范银行样例支行"]
        for number, pupil in enumerate(roll.pupils, 1)
        if pupil.groups
    ]
    return table("资助卡开户清单", ("序号", "班级", "姓名", "学号", "卡号", "开户行"), rows)


def float_ids(roll: Roll) -> bytes:
    """A roster whose ID numbers Excel turned into numbers, so that the last digits are lost."""
    rows = [_roster_row(i, p, p.id_number) for i, p in enumerate(roll.pupils[:20], 1)]
    for row in rows:
        row[4] = float(str(row[4])[:17] + "0")
    return table("名册", ROSTER_HEADERS, rows)


def wrong_digits(roll: Roll) -> bytes:
    """A roster with a few mistyped ID numbers and dates."""
    rows = [_roster_row(i, p, p.id_number) for i, p in enumerate(roll.pupils[:20], 1)]
    for row in rows[::7]:
        last = str(row[4])[-1]
        row[4] = str(row[4])[:-1] + ("1" if last != "1" else "2")
    rows[2][3] = "2030-02-30"
    return table("名册", ROSTER_HEADERS, rows)
