"""评议小组: drawn by lot or named by the head teacher; who applied does not sit (§C.1)."""

import random
import secrets
from collections.abc import Collection, Sequence

from django.db import IntegrityError, transaction

from applications.models import Round
from audit import moves
from audit.events import record
from audit.refusal import Reason, Refused, refuse_if
from review import ballot_reading, queue
from review.actions.appraisals import why_not_chair
from review.actions.writing import conflict, why_closed
from review.models import Appraisal, Panel, PanelMember, Tally
from schools import clock
from schools.models import Appointment
from students.models import SchoolClass, Student

Others = Sequence[tuple[str, str]]


def form_panel(
    *,
    round_: Round,
    school_class: SchoolClass,
    by: Appointment,
    draw: int = 0,
    students: Collection[int] = (),
    others: Others = (),
    size_reason: str = "",
    replaces: str = "",
) -> Panel:
    """Form the class's panel: `draw` students by lot, or those of `students`; parents, teachers.

    `others` = [(kind, name)]. Students are 10–15 % of the class, else `size_reason` says why. A
    panel that is there is replaced while nobody has voted, with the reason in `replaces`.
    """
    try:
        with transaction.atomic():
            moves.lock(school_class)
            return _form(round_, school_class, by, draw, students, others, size_reason, replaces)
    except IntegrityError as error:
        if "panel_" not in str(error):
            raise
        raise conflict("评议小组刚刚已经组成，或成员重复") from None


def _form(
    round_: Round,
    school_class: SchoolClass,
    by: Appointment,
    draw: int,
    students: Collection[int],
    others: Others,
    size_reason: str,
    replaces: str,
) -> Panel:
    before = queue.panel_of(round_, school_class)
    eligible = list(queue.seatable(round_, school_class))
    size = queue.class_size(school_class)
    seats = draw or len(students)
    refuse_if(
        [
            *why_not_chair(school_class, by),
            *why_closed(round_),
            *_why_not_now(round_, school_class, before, replaces),
            *ballot_reading.why_under_way(round_, school_class),
            *_why_not_sit(eligible, draw, students, others),
            *why_unusual(seats, size, size_reason),
        ]
    )
    if before:
        before.members.all().delete()
        before.delete()
    seed = secrets.token_hex(8) if draw else ""
    chosen = drawn(eligible, seed, draw) if draw else [s for s in eligible if s.pk in students]
    panel = Panel.objects.create(
        school_id=round_.school_id,
        round=round_,
        school_class=school_class,
        seed=seed,
        class_size=size,
        size_reason=size_reason.strip()[:200],
        formed_by=by.person,
        formed_at=clock.now(),
    )
    _seat(panel, chosen, others)
    facts = {
        "seed": seed,
        "eligible": len(eligible),
        "students": [s.pk for s in chosen],
        "others": len(others),
        "class_size": size,
    }
    _record(panel, by, replaces, facts)
    return panel


def add_members(
    *,
    round_: Round,
    school_class: SchoolClass,
    by: Appointment,
    reason: str,
    draw: int = 0,
    students: Collection[int] = (),
    others: Others = (),
) -> Panel:
    """补选: more seats beside those there are, when too few can come or many withdraw.

    Nobody leaves, so what was voted before stands; the share of students is not asked for again.
    """
    try:
        with transaction.atomic():
            moves.lock(school_class)
            return _add(round_, school_class, by, reason, draw, students, others)
    except IntegrityError as error:
        if "panel_" not in str(error):
            raise
        raise conflict("成员重复，或刚刚已经补选") from None


def _add(
    round_: Round,
    school_class: SchoolClass,
    by: Appointment,
    reason: str,
    draw: int,
    students: Collection[int],
    others: Others,
) -> Panel:
    panel = queue.panel_of(round_, school_class)
    seated = set(panel.members.values_list("student_id", flat=True)) if panel else set()
    eligible = [s for s in queue.seatable(round_, school_class) if s.pk not in seated]
    appraisal = _appraisal_of(round_, school_class)
    added = (draw or len(students)) + len(others)
    refuse_if(
        [
            *why_not_chair(school_class, by),
            *why_closed(round_),
            *why_not_add(panel, appraisal),
            *ballot_reading.why_under_way(round_, school_class),
            *([] if reason.strip() else [Reason("没有写补选的原因", "请写明原因")]),
            *([] if added else [Reason("没有补选的人", "抽取、指定学生，或写家长、教师")]),
            *(_why_not_sit(eligible, draw, students, ()) if draw or students else ()),
            *_why_not_named(others),
        ]
    )
    if panel is None:
        raise Refused(why_not_add(panel, None))
    seed = secrets.token_hex(8) if draw else ""
    chosen = drawn(eligible, seed, draw) if draw else [s for s in eligible if s.pk in students]
    _seat(panel, chosen, others)
    if appraisal and not appraisal.tallies.exists():
        # What was voted before was voted by as many as were expected then.
        appraisal.expected += len(chosen) + len(others)
        appraisal.save(update_fields=["expected"])
    facts = {"seed": seed, "students": [s.pk for s in chosen], "others": len(others)}
    record(
        by=by,
        verb="panel.add",
        label="补选评议小组成员",
        subject=panel,
        at=clock.now(),
        reason=reason.strip()[:200],
        facts=facts,
    )
    return panel


def _appraisal_of(round_: Round, school_class: SchoolClass) -> Appraisal | None:
    found: Appraisal | None = Appraisal.objects.filter(
        school_id=round_.school_id, round_id=round_.pk, school_class_id=school_class.pk
    ).first()
    return moves.lock(found) if found else None


def why_not_add(panel: Panel | None, appraisal: Appraisal | None) -> list[Reason]:
    """Why the panel takes no further member; also for its page."""
    if panel is None:
        return [Reason("评议小组还没有组成", "请先组成评议小组")]
    if appraisal and appraisal.status != Appraisal.Status.OPEN:
        return [Reason("本班评议已提交", "请先重新打开评议")]
    return []


def _record(panel: Panel, by: Appointment, replaces: str, facts: dict[str, object]) -> None:
    record(
        by=by,
        verb="panel.form",
        label="组成评议小组",
        subject=panel,
        at=clock.now(),
        reason=replaces.strip()[:200],
        facts=facts,
    )


def _seat(panel: Panel, students: Sequence[Student], others: Others) -> None:
    named = [(PanelMember.Kind.STUDENT, s.name, s) for s in students]
    PanelMember.objects.bulk_create(
        PanelMember(
            school_id=panel.school_id, panel=panel, kind=kind, name=name.strip(), student=student
        )
        for kind, name, student in [*named, *((kind, name, None) for kind, name in others)]
    )


def drawn(eligible: Sequence[Student], seed: str, seats: int) -> list[Student]:
    """The students that this seed draws; the same for everyone who draws again."""
    by_id = sorted(eligible, key=lambda s: s.pk)
    return random.Random(seed).sample(by_id, seats)  # noqa: S311  the seed itself is unguessable


def share(size: int) -> tuple[int, int]:
    """How few and how many students are 10–15 % of a class, at least one."""
    least = max(1, -(-size // 10))
    return least, max(least, size * 15 // 100)


def why_unusual(seats: int, size: int, reason: str) -> list[Reason]:
    """A share outside 10–15 % is explained."""
    least, most = share(size)
    if least <= seats <= most or reason.strip():
        return []
    return [
        Reason(
            f"学生代表{seats}人，班级{size}人，不在10%至15%之间",
            f"选{least}至{most}人，或写明人数说明" if most > least else f"选{least}人，或写明说明",
        )
    ]


def _why_not_now(
    round_: Round, school_class: SchoolClass, before: Panel | None, replaces: str
) -> list[Reason]:
    found = []
    if not round_.is_recognition:
        found.append(Reason("资助项目批次不需要班级评议", "按认定结果确定档次"))
    voted = Tally.objects.filter(
        school_id=round_.school_id,
        appraisal__round_id=round_.pk,
        appraisal__school_class_id=school_class.pk,
    )
    if voted.exists():
        found.append(Reason("已经登记了表决，不能再改评议小组", "人数有误请逐项核对票数"))
    if before and not replaces.strip():
        found.append(Reason("评议小组已经组成", "重新抽取或指定要写明原因"))
    return found


def _why_not_sit(
    eligible: Sequence[Student], draw: int, students: Collection[int], others: Others
) -> list[Reason]:
    found = []
    if draw and students:
        found.append(Reason("抽取和指定只能选一种", "请重新选择"))
    if not draw and not students:
        found.append(Reason("没有学生代表", "填写抽取人数，或指定学生"))
    if draw > len(eligible):
        found.append(Reason(f"只有{len(eligible)}名学生可以抽取", "申请人不参加评议小组"))
    if outside := set(students) - {s.pk for s in eligible}:
        found.append(
            Reason(f"有{len(outside)}名学生不能参加评议小组", "申请人和不在本班的学生不参加")
        )
    return found + _why_not_named(others)


def _why_not_named(others: Others) -> list[Reason]:
    if any(not name.strip() or kind not in ("parent", "teacher") for kind, name in others):
        return [Reason("家长和教师代表要写姓名和身份", "每行一人，例如：家长 张样泽")]
    return []
