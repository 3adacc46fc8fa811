"""The file on paper: what the PDF prints. Masked like the page; for the school's archive only."""

from collections.abc import Sequence
from typing import Any

from archive.file import StudentFile
from schools import clock

MOST_GUARDIANS = 2


def values(files: Sequence[StudentFile], school: str, by: str) -> dict[str, Any]:
    """The values of the template `student_file`: one part per student."""
    return {
        "school": school,
        "note": f"{by}于{clock.now():%Y-%m-%d %H:%M}打印，内部资料，不得外传",
        "files": [_one(file) for file in files],
    }


def _one(file: StudentFile) -> dict[str, Any]:
    student = file.student
    return {
        "name": student.name,
        "facts": [list(pair) for pair in _facts(file)],
        "grades": [
            [
                f"{g.year_label}学年",
                "" if g.points is None else str(g.points),
                g.advised,
                g.decided,
                g.reason,
            ]
            for g in file.grades
        ],
        "money_heads": ["学期", *file.money.programmes, "合计（元）"],
        "money": _money(file),
        "happened": [
            [f"{one.on:%Y-%m-%d}", one.title, one.text, one.by] for one in reversed(file.happened)
        ],
    }


def _facts(file: StudentFile) -> list[tuple[str, str]]:
    student = file.student
    guardians = "、".join(str(g) for g in file.guardians[:MOST_GUARDIANS])
    pairs = [
        ("性别", student.get_sex_display()),
        ("班级", student.school_class.name),
        ("身份证号", str(student.id_number)),
        ("学籍号", str(student.enrolment_no)),
        ("学籍状态", student.get_status_display()),
        ("入学日期", f"{student.entered_on:%Y-%m-%d}" if student.entered_on else "—"),
        ("户口性质", student.get_household_display() or "—"),
        ("就读方式", student.get_boarding_display()),
        ("监护人", guardians or "—"),
        ("资助卡", f"{file.card.bank}，{file.card.number}" if file.card else "—"),
        ("特殊群体", "、".join(t.group.name for t in file.tags) or "—"),
    ]
    teacher = student.school_class.head_teacher
    return [*pairs, ("班主任", teacher.name if teacher else "—")]


def _money(file: StudentFile) -> list[list[str]]:
    rows = [
        [
            term.long_label,
            *(_yuan(term.received.get(name)) for name in file.money.programmes),
            _yuan(term.total),
        ]
        for term in file.money.terms
    ]
    if rows:
        sums = [_yuan(fen) for _, fen in file.money.by_programme]
        rows.append(["合计", *sums, _yuan(file.money.total)])
        if back := file.money.recovered:
            rows.append(["其中已追回", *[""] * len(sums), _yuan(back)])
    return rows


def _yuan(fen: int | None) -> str:
    return f"{fen // 100:,}.{fen % 100:02d}" if fen else "—"
