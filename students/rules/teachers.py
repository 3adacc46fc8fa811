"""Who leads which class, as a table says it: every cell that can't be understood, at once."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from office.spreadsheets.cells import Cell, as_text, cell_name
from office.spreadsheets.headers import Header
from privacy.identity import name_key
from schools.models import Person
from students.models import SchoolClass
from students.rules.roster.places import Classes, Place

LABELS = {
    "grade": "年级",
    "school_class": "班级",
    "teacher": "班主任姓名",
    "account": "账号或手机",
}
KNOWN: Mapping[str, tuple[str, ...]] = {
    "grade": ("年级", "所在年级"),
    "school_class": ("班级", "班级名称", "班名", "行政班"),
    "teacher": ("班主任姓名", "班主任", "教师姓名", "姓名"),
    "account": ("账号或手机", "账号", "登录账号", "用户名", "手机", "手机号", "联系电话"),
}
NEEDED = ("school_class", "teacher")
NOT_APPOINTED = (
    "没有找到这位班主任；请分管领导先在“人员与任期”中任命为班主任并开通账号，再上传这张表"
)

# Takes a field and what is wrong with it.
Tell = Callable[[str, str], None]


@dataclass(frozen=True, slots=True)
class Teacher:
    """A person appointed as head teacher, and by what a table may name him."""

    person: Person
    usernames: tuple[str, ...]
    phone: str


@dataclass(frozen=True, slots=True)
class Leading:
    """A row understood: this person is to lead this class."""

    row: int
    school_class: SchoolClass
    person: Person

    @property
    def same(self) -> bool:
        """Whether he leads it already."""
        return self.school_class.head_teacher_id == self.person.pk


@dataclass(frozen=True, slots=True)
class Wrong:
    """One cell to mend: where it is, what it holds, why and how."""

    place: str
    column: str
    value: str
    reason: str


@dataclass(slots=True)
class Understood:
    """What a table says; `blank` counts classes whose teacher was left empty."""

    leading: list[Leading] = field(default_factory=list)
    wrong: list[Wrong] = field(default_factory=list)
    blank: int = 0


def understand(
    rows: Sequence[Sequence[Cell]],
    header: Header,
    *,
    classes: Classes,
    teachers: Iterable[Teacher],
) -> Understood:
    """The rows below the header: who is to lead what, and every cell to mend."""
    told = Understood()
    by_name: dict[str, list[Teacher]] = defaultdict(list)
    for teacher in teachers:
        by_name[name_key(teacher.person.name)].append(teacher)
    first: dict[int, int] = {}
    for index in range(header.row_index + 1, len(rows)):
        cells = {
            name: as_text(rows[index][column]) if column < len(rows[index]) else ""
            for name, column in header.columns.items()
        }
        if any(cells.values()):
            _row(told, index, cells, header, classes, by_name, first)
    return told


def _row(
    told: Understood,
    index: int,
    cells: Mapping[str, str],
    header: Header,
    classes: Classes,
    by_name: Mapping[str, Sequence[Teacher]],
    first: dict[int, int],
) -> None:
    def wrong(name: str, reason: str) -> None:
        column = header.columns.get(name, header.columns["teacher"])
        # A telephone is personal: the cell is named, not repeated.
        value = "" if name == "account" else cells.get(name, "")[:40]
        told.wrong.append(Wrong(cell_name(index, column), LABELS[name], value, reason))

    found = classes.find(cells.get("grade", ""), cells["school_class"])
    if found is None or isinstance(found, Place):
        wrong("school_class", "本校没有这个班；请与“班级”页的年级和名称一致")
    elif found.pk in first:
        wrong("school_class", f"与第{first[found.pk] + 1}行是同一个班，只留一行")
        found = None
    else:
        first[found.pk] = index
    name = cells["teacher"]
    if not name:
        if cells.get("account"):
            wrong("teacher", "有账号或手机，没有姓名")
        else:
            told.blank += 1
        return
    person = _teacher(by_name.get(name_key(name), ()), cells.get("account", ""), wrong)
    if person is not None and isinstance(found, SchoolClass):
        told.leading.append(Leading(index, found, person))


def _teacher(
    namesakes: Sequence[Teacher], account: str, wrong: Callable[[str, str], None]
) -> Person | None:
    if not namesakes:
        wrong("teacher", NOT_APPOINTED)
        return None
    if not account:
        if len(namesakes) == 1:
            return namesakes[0].person
        wrong("teacher", f"有{len(namesakes)}位同名的班主任，请填账号或手机")
        return None
    meant = [t for t in namesakes if account in t.usernames or (t.phone and account == t.phone)]
    if len(meant) == 1:
        return meant[0].person
    wrong("account", "账号或手机与这位班主任的不一致，请核对")
    return None
