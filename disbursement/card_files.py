"""The bank's list of cards, read and compared with the roster before anything is written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from disbursement.card_queue import who_needs_none
from disbursement.models import AidCard
from disbursement.models.cards import LIVE_CARD
from office.spreadsheets.cells import Cell, as_text, cell_name, is_float_id
from office.spreadsheets.headers import Header, find_header
from office.spreadsheets.marking import CellError
from office.spreadsheets.reading import Sheet, read_sheets
from office.spreadsheets.refusals import Unreadable
from privacy.fields import blind_card
from privacy.identity import check_card, name_key
from schools.models import School
from students.models import Student

KNOWN: Mapping[str, Sequence[str]] = {
    "student_no": ("学号", "学生编号"),
    "name": ("姓名", "学生姓名"),
    "card": ("卡号", "银行卡号", "资助卡号", "账号"),
    "bank": ("开户行", "开户银行", "银行", "发卡行"),
    "holder": ("户名", "开户名", "持卡人", "账户名"),
}
NEEDED = {"student_no": "学号", "name": "姓名", "card": "卡号", "bank": "开户行"}
MOST_ROWS = 20_000


@dataclass(frozen=True, slots=True)
class Wrong:
    """One cell that has to be mended; a card number is never repeated here."""

    place: str
    column: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class CardRow:
    """One row without faults: whose card, which, where."""

    student: Student
    number: str
    bank: str
    holder: str


@dataclass(slots=True)
class CardSheet:
    """What was read: cards to register, cards known already, and every fault by its cell."""

    rows: list[CardRow] = field(default_factory=list)
    unchanged: int = 0
    wrong: list[Wrong] = field(default_factory=list)
    marks: list[CellError] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    total: int = 0


def read(content: bytes, filename: str, school: School) -> CardSheet:
    """Read a card file against the roster. Raises `Unreadable` when it is no such table."""
    sheet, header = _table(content, filename)
    found = CardSheet()
    students = _students(school, sheet, header)
    cards = _cards(school)
    seen: dict[bytes, str] = {}
    owners: dict[int, str] = {}
    for index in range(header.row_index + 1, len(sheet.rows)):
        row = sheet.rows[index]
        cells = {name: row[c] if c < len(row) else "" for name, c in header.columns.items()}
        if not as_text(cells["student_no"]) and not as_text(cells["card"]):
            continue
        found.total += 1
        faults, student = _look_at_student(cells, students)
        faults += _look(cells, student, cards, seen, owners, index)
        if faults or student is None:
            _note(found, sheet, header, index, cells, faults)
        else:
            _take(found, cells, student, cards, index)
    if not found.total:
        raise Unreadable("表里没有资助卡。", "请确认数据已填写并保存，再重新上传。")
    return found


def _table(content: bytes, filename: str) -> tuple[Sheet, Header]:
    for sheet in read_sheets(content, filename, max_rows=MOST_ROWS).sheets:
        header = find_header(sheet.rows, KNOWN)
        if header is None or sheet.hidden:
            continue
        absent = [label for name, label in NEEDED.items() if name not in header.columns]
        if absent:
            raise Unreadable(
                f"缺少“{'”“'.join(absent)}”这一列。", "请补上这一列，或使用本页的模板，再上传。"
            )
        return sheet, header
    raise Unreadable("没有找到表头。", "表头要有学号、姓名、卡号、开户行，可使用本页的模板。")


def _students(school: School, sheet: Sheet, header: Header) -> dict[str, list[Student]]:
    column = header.columns["student_no"]
    numbers = {as_text(row[column]) for row in sheet.rows if column < len(row)} - {""}
    found: dict[str, list[Student]] = {}
    rows = Student.objects.for_school(school).filter(student_no__in=numbers)
    for student in rows.exclude(who_needs_none(school)):
        found.setdefault(student.student_no, []).append(student)
    return found


def _cards(school: School) -> dict[bytes, AidCard]:
    """Live cards by number and, under the empty key with the student's id, by student."""
    found: dict[bytes, AidCard] = {}
    for card in AidCard.objects.for_school(school).filter(status__in=LIVE_CARD):
        found[bytes(card.number_blind)] = card
        found[_of_student(card.student_id)] = card
    return found


def _of_student(student_id: int) -> bytes:
    return b"student:%d" % student_id


def _look(
    cells: Mapping[str, Cell],
    student: Student | None,
    cards: Mapping[bytes, AidCard],
    seen: dict[bytes, str],
    owners: dict[int, str],
    index: int,
) -> list[tuple[str, str]]:
    """Every fault of a row's card as (field, reason)."""
    faults = []
    holder = as_text(cells.get("holder", ""))
    if student and holder and name_key(holder) != name_key(student.name):
        faults.append(("holder", "户名与学生姓名不一致，须为学生本人的卡"))
    if not as_text(cells["bank"]):
        faults.append(("bank", "没有开户行，请按卡面填写"))
    if is_float_id(cells["card"]):
        faults.append(("card", "卡号被存成数字，末几位已丢失，请把这一列设为文本后重新填写"))
        return faults
    checked = check_card(as_text(cells["card"]))
    if checked.problems:
        return faults + [("card", problem) for problem in checked.problems]
    blind = blind_card(checked.number)
    place = f"第{index + 1}行"
    if blind in seen:
        faults.append(("card", f"与{seen[blind]}的卡号相同，一人一卡"))
    seen.setdefault(blind, place)
    if student:
        faults += _look_at_owner(student, blind, cards, owners, place)
    return faults


def _look_at_student(
    cells: Mapping[str, Cell], students: Mapping[str, list[Student]]
) -> tuple[list[tuple[str, str]], Student | None]:
    number = as_text(cells["student_no"])
    if not number:
        return [("student_no", "没有学号，请补上")], None
    matching = students.get(number, [])
    # A number may have gone to somebody else since its first holder left.
    called = [s for s in matching if name_key(as_text(cells["name"])) == name_key(s.name)]
    if len(called) == 1:
        return [], called[0]
    if len(matching) == 1:
        return [("name", f"名册里这个学号是“{matching[0].name}”，请核对姓名和学号")], None
    if matching:
        return [("student_no", "有几名学生是这个学号，请按姓名到该生的页面登记")], None
    return [("student_no", "在籍学生里没有这个学号，离校的学生也没有待发的资助，请核对")], None


def _look_at_owner(
    student: Student,
    blind: bytes,
    cards: Mapping[bytes, AidCard],
    owners: dict[int, str],
    place: str,
) -> list[tuple[str, str]]:
    faults = []
    held = cards.get(blind)
    if held and held.student_id != student.pk:
        faults.append(("card", "这个卡号已登记在另一名学生名下，请核对卡面"))
    mine = cards.get(_of_student(student.pk))
    if mine and bytes(mine.number_blind) != blind:
        faults.append(("card", f"该生已有{mine.number}的卡，换卡请在该生的卡页面更正"))
    if student.pk in owners:
        faults.append(("student_no", f"与{owners[student.pk]}是同一名学生，只能登记一张卡"))
    owners.setdefault(student.pk, place)
    return faults


def _take(
    found: CardSheet,
    cells: Mapping[str, Cell],
    student: Student,
    cards: Mapping[bytes, AidCard],
    index: int,
) -> None:
    checked = check_card(as_text(cells["card"]))
    if _of_student(student.pk) in cards:
        found.unchanged += 1
        return
    found.warnings += [f"第{index + 1}行 {student.name}：{text}" for text in checked.warnings]
    holder = as_text(cells.get("holder", "")) or student.name
    found.rows.append(CardRow(student, checked.number, as_text(cells["bank"]), holder))


def _note(
    found: CardSheet,
    sheet: Sheet,
    header: Header,
    index: int,
    cells: Mapping[str, Cell],
    faults: Sequence[tuple[str, str]],
) -> None:
    for name, reason in faults:
        column = header.columns.get(name, header.columns["student_no"])
        # A card number is personal: the cell's place is enough to find it.
        value = "（卡号不显示）" if name == "card" else as_text(cells.get(name, ""))
        label = header.labels[column] if column < len(header.labels) else ""
        found.wrong.append(Wrong(cell_name(index, column), label, value, reason))
        found.marks.append(CellError(sheet.name, index, column, reason))
