"""异议: anyone may object while a notice is up; the school answers within three working days."""

from django.db import transaction

from audit import moves
from audit.events import SystemActor, record
from audit.refusal import Reason, refuse_if
from review import queue, rules
from review.models import Case, Notice, NoticeLine, Objection
from schools import clock
from schools.models import Appointment
from schools.official import last_day

REPLY_WORKDAYS = 3
MOST_OPEN = 20
LONGEST = 1000


@transaction.atomic
def object_to(
    *, notice: Notice, text: str, contact: str, line: NoticeLine | None = None
) -> Objection:
    """Lodge an objection, signed or not, against the whole notice or one line of it.

    It is answered within three working days; until then the line can't be confirmed.
    """
    notice = moves.lock(notice)
    refuse_if(_why_not_object(notice, text, contact, line))
    objection = Objection(
        school_id=notice.school_id,
        notice=notice,
        line=line,
        lodged_at=clock.now(),
        reply_by=last_day(clock.today(), REPLY_WORKDAYS).last,
    )
    objection.text, objection.contact = text.strip(), contact.strip()
    objection.save()
    record(
        by=SystemActor(notice.school_id, role="public", actor_name="公众"),
        verb="objection.lodge",
        label="提出异议",
        subject=objection,
        at=clock.now(),
        facts={"notice": notice.pk, "line": line.serial if line else None},
    )
    return objection


def _why_not_object(
    notice: Notice, text: str, contact: str, line: NoticeLine | None
) -> list[Reason]:
    found = []
    today = clock.today()
    if notice.status != Notice.Status.PUBLISHED or not (
        notice.starts_on and notice.ends_on and notice.starts_on <= today <= notice.ends_on
    ):
        found.append(Reason("公示期已结束，网上不再受理异议", "请打电话或到学校当面反映"))
    if not text.strip():
        found.append(Reason("没有写异议内容", "请写明对哪一项有异议、为什么"))
    if len(text) > LONGEST or len(contact) > 100:
        found.append(Reason(f"内容超过{LONGEST}个字，或联系方式超过100个字", "请缩短"))
    if line is not None and line.notice_id != notice.pk:
        found.append(Reason("序号不在这份名单里", "请核对序号"))
    if queue.open_objections(notice).count() >= MOST_OPEN:
        found.append(Reason("网上待处理的异议已满", "请打电话或到学校当面反映"))
    return found


@transaction.atomic
def answer(*, objection: Objection, upheld: bool, conclusion: str, by: Appointment) -> Objection:
    """Answer an objection with a conclusion.

    When it is upheld, the student's case goes back to the leading group and can't be confirmed
    from this notice any more.
    """
    # As confirm_notice locks: notice, case, and only then the audit chain; else they deadlock.
    moves.lock(objection.notice)
    case = moves.lock(objection.line.case) if upheld and objection.line else None
    objection = moves.lock(objection)
    verb = "uphold" if upheld else "dismiss"
    refuse_if(
        [
            *moves.why_not(objection, verb),
            *([] if conclusion.strip() else [Reason("没有写答复", "请写明调查情况和结论")]),
            *(_why_not_uphold(objection) if upheld else []),
        ]
    )
    answered = moves.make(
        objection,
        verb,
        by=by,
        at=clock.now(),
        conclusion=conclusion.strip()[:400],
        answered_at=clock.now(),
        answered_by_id=by.person_id,
    )
    if case is not None:
        _reopen(case, by)
    return answered


def _why_not_uphold(objection: Objection) -> list[Reason]:
    # Upheld about nobody in particular it would hold nobody back: the list would be confirmed.
    if objection.line_id or objection.notice.status != Notice.Status.PUBLISHED:
        return []
    return [Reason("异议成立，但没有指明学生", "先撤回公示，改正后重新公示，再答复")]


def _reopen(case: Case, by: Appointment) -> None:
    if case.status == Case.Status.PROPOSED:
        return
    refuse_if(moves.why_not(case, "reopen"))
    moves.make(
        case,
        "reopen",
        by=by,
        at=clock.now(),
        about_id=case.student_id,
        reason="公示期内异议成立",
    )


def why_held(objections: list[Objection]) -> rules.Why:
    """Why a line with open objections waits."""
    earliest = min(o.reply_by for o in objections)
    return rules.Why(f"异议尚未答复，应于{earliest.month}月{earliest.day}日前答复", "答复异议")


@transaction.atomic
def reveal_contact(*, objection: Objection, reason: str, by: Appointment) -> str:
    """The clear contact of whoever objected; why it was looked at goes on record."""
    refuse_if([] if reason.strip() else [Reason("没有写查看理由", "请写明理由")])
    record(
        by=by,
        verb="objection.reveal_contact",
        label="查看异议人联系方式",
        subject=objection,
        at=clock.now(),
        reason=reason[:200],
    )
    return str(objection.contact.reveal())
