"""The files that schools and departments send: rosters, lists, cards and bank returns, as .xlsx."""

import io
from collections.abc import Iterable, Sequence
from datetime import date

import openpyxl
from openpyxl.utils import get_column_letter

from aidadmin.demo.district import DemoDistrict, DemoSchool
from aidadmin.demo.people import Invention, Pupil
from disbursement.models import PaymentBatch

ROSTER_HEADERS = (
    "序号", "姓名", "性别", "出生日期", "身份证件号码", "民族", "学籍号", "学号", "年级", "班级",
    "入学年月", "户口性质", "就读方式", "联系电话", "现住址", "监护人姓名", "监护人关系", "监护人电话",
)  # fmt: skip
# Share of students on each department's list, and the department that sends it.
GROUPS = (
    ("lifted_out", 0.035), ("marginal", 0.006), ("dibao", 0.03), ("destitute", 0.004),
    ("orphan", 0.003), ("de_facto_unattended", 0.003), ("disabled", 0.012),
    ("disabled_parent", 0.015), ("martyr_child", 0.001),
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


def roster(demo: DemoSchool) -> bytes:
    """The school's roster as its enrolment system exports it, with some of the usual slips."""
    rows = []
    for number, pupil in enumerate(demo.pupils, 1):
        id_number = pupil.id_number
        # Three slips in a hundred that importing mends and says: a space, full-width digits, lower x.
        if number % 97 == 0:
            id_number = f"{id_number[:6]} {id_number[6:]}"
        elif number % 89 == 0:
            id_number = id_number.translate(str.maketrans("0123456789", "０１２３４５６７８９"))
        rows.append(_roster_row(number, pupil, id_number))
    return table(f"{demo.school.name}2026—2027学年第一学期学生名册", ROSTER_HEADERS, rows)


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


def department_lists(district: DemoDistrict, bureau_key: str) -> dict[str, bytes]:
    """A district's lists by group: its pupils who belong, and people whom no roster knows."""
    strangers = Invention(f"strangers-{bureau_key}", "990199")
    pupils = [p for s in district.schools if s.plan.district == bureau_key for p in s.pupils]
    files = {}
    for group, _ in GROUPS:
        listed = [(p.name, p.id_number) for p in pupils if group in p.groups]
        for _ in range(2 + len(listed) // 20):
            birth = strangers.birth(13, date(2026, 9, 1))
            listed.append((strangers.name(), strangers.id_number(birth, "男")))
        rows = [[i, name, number] for i, (name, number) in enumerate(listed, 1)]
        files[group] = table("名单", ("序号", "姓名", "身份证号码"), rows)
    return files


def scatter_groups(district: DemoDistrict) -> None:
    """Decide who belongs to which special group; some belong to two."""
    for demo in district.schools:
        chance = demo.invention.chance
        for pupil in demo.pupils:
            pupil.groups = [g for g, share in GROUPS if chance.random() < share]


def make_messy(district: DemoDistrict) -> None:
    """What real rosters hold: a double enrolment, students far too old, a rare name."""
    by_key = {demo.plan.key: demo for demo in district.schools}
    twin = by_key["gaozhong"].pupils[10]
    other = by_key["minban"].pupils[10]
    for name in ("name", "id_number", "sex", "birth_date", "enrolment_no"):
        setattr(other, name, getattr(twin, name))
    for demo in (by_key["zhizhong"], by_key["minban"]):
        old = demo.pupils[3]
        old.birth_date = demo.invention.birth(23, date(2026, 9, 1))
        old.id_number = demo.invention.id_number(old.birth_date, old.sex)
        old.enrolment_no = f"G{old.id_number}"
    by_key["gaozhong"].pupils[20].name = "王示㛃"
    by_key["zhizhong"].pupils[20].name = "李样𠮷"
    by_key["chuzhong"].pupils[20].name = "阿依示•范样江"


def bank_return(batch: PaymentBatch, *, failures: int) -> bytes:
    """The bank's answer to a batch: our payment numbers, results, and control totals."""
    causes = ("账户未激活", "账户已挂失", "户名不符")
    rows: list[list[object]] = []
    for number, line in enumerate(batch.lines.order_by("serial")):
        failed = number < failures
        rows.append(
            [
                line.number,
                line.name,
                f"{line.amount_fen / 100:.2f}",
                "失败" if failed else "成功",
                causes[number % len(causes)] if failed else "",
            ]
        )
    total = sum(batch.lines.values_list("amount_fen", flat=True))
    rows.append(["合计", f"{len(rows)}笔", f"{total / 100:.2f}", "", ""])
    return table("代发回盘", ("付款编号", "户名", "金额", "结果", "原因"), rows)
