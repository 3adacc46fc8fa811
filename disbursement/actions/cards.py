"""The life of a 资助卡: registered, checked by a second person, activated by its holder, lost."""

from collections.abc import Sequence
from datetime import date

from django.db import transaction

from audit import moves
from audit.events import Entry, record, record_many
from audit.refusal import Reason, Refused, refuse_if
from disbursement import queue, rules
from disbursement.conflicts import explained
from disbursement.models import AidCard
from disbursement.models.cards import LIVE_CARD
from privacy.fields import blind_card
from privacy.identity import check_card as look_at
from privacy.identity import name_key
from schools import clock
from schools.models import Appointment
from schools.roles import Role
from students.models import Student

CARD_KEEPERS = (Role.OPERATOR, Role.FINANCE)
CARD_CHECKERS = (Role.REVIEWER, Role.LEADER)


@transaction.atomic
def register_card(
    *,
    student: Student,
    number: str,
    bank: str,
    holder: str,
    by: Appointment,
    guardians: bool = False,
    activated_on: date | None = None,
) -> AidCard:
    """Register a student's card; it pays after a second person checked it and it is active.

    `activated_on` is the day on which the holder activated it, when that is known already.
    """
    problems = rules.why_not_here(by, student.school_id, CARD_KEEPERS, "登记资助卡")
    problems += why_not_register(number=number, bank=bank, holder=holder, student=student)
    problems += _why_not_held(student, holder, guardians, activated_on)
    refuse_if(problems)
    # The row that every registration for this student locks, so that two come one after the other.
    moves.lock(student)
    return _register(student, number, bank, holder, by, guardians, activated_on, None)


def why_not_register(*, number: str, bank: str, holder: str, student: Student) -> list[Reason]:
    """What is wrong with a card's facts; who left needs none unless months in school are owed."""
    looked = look_at(number)
    found = [Reason(problem) for problem in looked.problems]
    if not bank.strip():
        found.append(Reason("没有开户行", "请填写卡面上的银行"))
    if not holder.strip():
        found.append(Reason("没有户名", "请按银行登记的户名填写"))
    if student.status == Student.Status.LEFT and not queue.owed_after_leaving(
        student.school_id, student.pk
    ):
        found.append(
            Reason(
                "学生已离校，没有在校月份的资助等待发放",
                "不再登记资助卡；没有发放的资助请取消，离校日期有误的请先更正学籍异动",
            )
        )
    return found


def _why_not_held(
    student: Student, holder: str, guardians: bool, activated_on: date | None
) -> list[Reason]:
    """Why it is not the student's card, or not in use since that day."""
    found = []
    if not guardians and name_key(holder) != name_key(student.name):
        found.append(
            Reason(f"户名“{holder.strip()}”与学生姓名不一致", "资助卡须为学生本人的卡，请核对卡面")
        )
    if activated_on is not None and activated_on > clock.today():
        found.append(Reason("激活日期在今天之后", "请填写实际激活的日期"))
    return found


def _register(
    student: Student,
    number: str,
    bank: str,
    holder: str,
    by: Appointment,
    guardians: bool,
    activated_on: date | None,
    replaces: AidCard | None,
) -> AidCard:
    card = new_card(student, number, bank, holder, by, guardians=guardians)
    card.replaces = replaces
    if activated_on is not None:
        card.status = AidCard.Status.ACTIVE
        card.activated_on, card.activate_at = activated_on, clock.now()
        card.activate_by_id = by.person_id
    with explained():
        card.save(force_insert=True)
    record(
        by=by,
        verb="aidcard.register",
        label="登记资助卡",
        subject=card,
        at=clock.now(),
        about_id=student.pk,
        facts={"guardians": guardians, "replaces": replaces.pk if replaces else None},
    )
    return card


def new_card(
    student: Student,
    number: str,
    bank: str,
    holder: str,
    by: Appointment,
    *,
    guardians: bool = False,
) -> AidCard:
    """A card row that is not saved yet, its number mended and indexed."""
    clean = look_at(number).number
    card = AidCard(
        school_id=student.school_id,
        student=student,
        number_blind=blind_card(clean),
        bank=bank.strip(),
        holder=holder.strip(),
        guardians=guardians,
        registered_by_id=by.person_id,
        registered_at=clock.now(),
    )
    card.number = clean
    return card


@transaction.atomic
def replace_card(
    *,
    card: AidCard,
    number: str,
    bank: str,
    holder: str,
    reason: str,
    by: Appointment,
    guardians: bool = False,
    activated_on: date | None = None,
) -> AidCard:
    """Correct a card or register the one that stands in for it: a new row, to be checked anew."""
    moves.lock(card.student)
    card = moves.lock(card)
    problems = rules.why_not_here(by, card.school_id, CARD_KEEPERS, "更正资助卡")
    problems += moves.why_not(card, "close")
    problems += why_not_register(number=number, bank=bank, holder=holder, student=card.student)
    problems += _why_not_held(card.student, holder, guardians, activated_on)
    if not reason.strip():
        problems.append(Reason("没有写明更正的原因", "请写明原因"))
    refuse_if(problems)
    moves.make(
        card,
        "close",
        by=by,
        at=clock.now(),
        reason=reason.strip(),
        about_id=card.student_id,
    )
    return _register(card.student, number, bank, holder, by, guardians, activated_on, card)


@transaction.atomic
def check_card(*, card: AidCard, by: Appointment) -> AidCard:
    """A second person compared number, bank and holder with the card."""
    return check_cards(cards=[card], by=by)[0]


@transaction.atomic
def check_cards(*, cards: Sequence[AidCard], by: Appointment) -> list[AidCard]:
    """Check several cards at once; refused with every card that this person may not check."""
    rows = _lock_all(cards)
    found = _why_not_these(rows, by, CARD_CHECKERS, "核对资助卡")
    for card in rows:
        found += _why_not_check(card, by)
    refuse_if(found)
    now = clock.now()
    for card in rows:
        card.checked_by_id, card.checked_at = by.person_id, now
    AidCard.objects.bulk_update(rows, ["checked_by", "checked_at"], batch_size=500)
    _note(rows, by, "aidcard.check", "核对资助卡")
    return rows


def _why_not_check(card: AidCard, by: Appointment) -> list[Reason]:
    found = []
    name = card.student.name
    if card.status not in LIVE_CARD:
        found.append(Reason(f"{name}的卡{card.get_status_display()}", "只核对在用的卡"))
    if card.checked_by_id is not None:
        found.append(Reason(f"{name}的卡已经核对过", "请刷新页面"))
    if card.registered_by_id == by.person_id:
        found.append(Reason(f"{name}的卡是您自己登记的", "请由另一人核对"))
    return found


@transaction.atomic
def activate_card(*, card: AidCard, by: Appointment, on: date | None = None) -> AidCard:
    """Note that the holder activated the card (本人激活); `on` is the day, today unless told."""
    return activate_cards(cards=[card], by=by, on=on)[0]


@transaction.atomic
def activate_cards(
    *, cards: Sequence[AidCard], by: Appointment, on: date | None = None
) -> list[AidCard]:
    """Note for several cards that their holders activated them."""
    rows = _lock_all(cards)
    day = on or clock.today()
    found = _why_not_these(rows, by, CARD_KEEPERS, "登记激活")
    if day > clock.today():
        found.append(Reason("激活日期在今天之后", "请填写实际激活的日期"))
    for card in rows:
        if moves.allowed(card, "activate") is None:
            found.append(
                Reason(
                    f"{card.student.name}的卡现在是“{card.get_status_display()}”，不能登记激活",
                    "请刷新页面，查看最新状态",
                )
            )
    refuse_if(found)
    now = clock.now()
    for card in rows:
        card.status, card.activated_on = AidCard.Status.ACTIVE, day
        card.activate_by_id, card.activate_at = by.person_id, now
    AidCard.objects.bulk_update(
        rows, ["status", "activated_on", "activate_by", "activate_at"], batch_size=500
    )
    _note(rows, by, "aidcard.activate", "本人激活")
    return rows


@transaction.atomic
def report_lost(*, card: AidCard, by: Appointment) -> AidCard:
    """挂失: nothing is paid to it any more."""
    card = moves.lock(card)
    refuse_if(
        rules.why_not_here(by, card.school_id, CARD_KEEPERS, "登记挂失")
        + moves.why_not(card, "report_lost")
    )
    return moves.make(card, "report_lost", by=by, at=clock.now(), about_id=card.student_id)


@transaction.atomic
def close_card(*, card: AidCard, reason: str, by: Appointment) -> AidCard:
    """停用, for instance after graduation."""
    card = moves.lock(card)
    problems = rules.why_not_here(by, card.school_id, CARD_KEEPERS, "停用资助卡")
    problems += moves.why_not(card, "close")
    if not reason.strip():
        problems.append(Reason("没有写明停用的原因", "请写明原因"))
    refuse_if(problems)
    return moves.make(
        card, "close", by=by, at=clock.now(), about_id=card.student_id, reason=reason.strip()
    )


def _why_not_these(
    rows: Sequence[AidCard], by: Appointment, roles: tuple[Role, ...], what: str
) -> list[Reason]:
    if not rows:
        return [Reason("没有选中资助卡", "请先勾选")]
    return rules.why_not_here(by, rows[0].school_id, roles, what)


def _lock_all(cards: Sequence[AidCard]) -> list[AidCard]:
    rows = list(
        AidCard.objects.filter(pk__in=[c.pk for c in cards])
        .select_for_update(of=("self",), no_key=True)
        .select_related("student")
        .order_by("pk")
    )
    if len({card.school_id for card in rows}) > 1:
        raise Refused([Reason("选中的卡不属于同一所学校")])
    return rows


def _note(rows: Sequence[AidCard], by: Appointment, verb: str, label: str) -> None:
    record_many(
        by=by,
        at=clock.now(),
        entries=[Entry(verb, label, subject=c, about_id=c.student_id) for c in rows],
    )
