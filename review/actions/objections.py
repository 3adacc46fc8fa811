"""异议: anyone may object while a notice is up; the school answers within three working days."""

from datetime import date

from django.db import transaction
from django.db.models import F, Max
from django.db.models.functions import Greatest

from audit import moves
from audit.events import Actor, SystemActor, record
from audit.refusal import Reason, refuse_if
from review import queue, rules
from review.models import Case, Notice, NoticeLine, Objection, Recognition
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
    """Lodge an objection over the web, signed or not, against the whole notice or one line of it.

    It is answered within three working days; until then the line can't be confirmed.
    """
    notice = moves.lock(notice)
    refuse_if([*_why_not_web(notice), *_why_unfit(notice, text, contact, line)])
    public = SystemActor(notice.school_id, role="public", actor_name="公众")
    return _lodge(Objection(notice=notice, line=line), text, contact, public, "提出异议")


@transaction.atomic
def record_objection(
    *,
    notice: Notice,
    channel: str,
    lodged_on: date,
    text: str,
    contact: str,
    by: Appointment,
    line: NoticeLine | None = None,
) -> Objection:
    """Take down what was said by phone, in a letter or at the board; another person answers it.

    The days to answer run from `lodged_on`, which lies within the period, also when it is written
    down after the list was confirmed.
    """
    notice = moves.lock(notice)
    refuse_if(
        [*_why_not_recorded(notice, channel, lodged_on), *_why_unfit(notice, text, contact, line)]
    )
    wanted = Objection(
        notice=notice, line=line, channel=channel, lodged_on=lodged_on, taken_by_id=by.person_id
    )
    return _lodge(wanted, text, contact, by, "登记异议")


def _lodge(objection: Objection, text: str, contact: str, by: Actor, label: str) -> Objection:
    notice, line = objection.notice, objection.line
    objection.school_id = notice.school_id
    # The notice is locked: nobody else counts meanwhile.
    objection.serial = 1 + (notice.objections.aggregate(n=Max("serial"))["n"] or 0)
    objection.lodged_at = clock.now()
    objection.reply_by = last_day(objection.lodged_on, REPLY_WORKDAYS).last
    objection.text, objection.contact = text.strip(), contact.strip()
    objection.save()
    record(
        by=by,
        verb="objection.lodge",
        label=label,
        subject=objection,
        at=clock.now(),
        facts={
            "notice": notice.pk,
            "line": line.serial if line else None,
            "channel": objection.channel,
        },
    )
    return objection


def _why_not_web(notice: Notice) -> list[Reason]:
    found = []
    if notice.status != Notice.Status.PUBLISHED or not _within(notice, clock.today()):
        found.append(Reason("公示期已结束，网上不再受理异议", "请打电话或到学校当面反映"))
    waiting = queue.open_objections(notice).filter(channel=Objection.Channel.WEB)
    if waiting.count() >= MOST_OPEN:
        found.append(Reason("网上待处理的异议已满", "请打电话或到学校当面反映"))
    return found


def why_not_record(notice: Notice) -> list[Reason]:
    """Why nothing can be taken down about this notice; also for its page."""
    if notice.status in (Notice.Status.PUBLISHED, Notice.Status.CONFIRMED):
        return []
    return [Reason(f"这份公示现在是“{notice.get_status_display()}”，没有可以登记的异议")]


def _why_not_recorded(notice: Notice, channel: str, lodged_on: date) -> list[Reason]:
    found = why_not_record(notice)
    if channel not in Objection.Channel.values or channel == Objection.Channel.WEB:
        found.append(Reason("没有选择提出方式", "电话、书面或现场"))
    if lodged_on > clock.today():
        found.append(Reason("提出日期还没有到", "填写当天或之前的日期"))
    elif not found and not _within(notice, lodged_on):
        found.append(
            Reason(
                f"{lodged_on.month}月{lodged_on.day}日不在公示期内",
                "公示期以外反映的情况，按投诉举报另行登记办理",
            )
        )
    return found


def _within(notice: Notice, day: date) -> bool:
    return bool(notice.starts_on and notice.ends_on and notice.starts_on <= day <= notice.ends_on)


def _why_unfit(notice: Notice, text: str, contact: str, line: NoticeLine | None) -> list[Reason]:
    found = []
    if not text.strip():
        found.append(Reason("没有写异议内容", "请写明对哪一项有异议、为什么"))
    if len(text) > LONGEST or len(contact) > 100:
        found.append(Reason(f"内容超过{LONGEST}个字，或联系方式超过100个字", "请缩短"))
    if line is not None and line.notice_id != notice.pk:
        found.append(Reason("序号不在这份名单里", "请核对序号"))
    return found


@transaction.atomic
def answer(*, objection: Objection, upheld: bool, conclusion: str, by: Appointment) -> Objection:
    """Answer an objection with a conclusion; not who took it down.

    When it is upheld, the student's case goes back to the leading group and can't be confirmed
    from this notice any more; a grade that came of it ends.
    """
    # As confirm_notice locks: notice, case, and only then the audit chain; else they deadlock.
    moves.lock(objection.notice)
    case = moves.lock(objection.line.case) if upheld and objection.line else None
    objection = moves.lock(objection)
    verb = "uphold" if upheld else "dismiss"
    refuse_if(
        [
            *moves.why_not(objection, verb),
            *why_not_answer(objection, by),
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


def why_not_answer(objection: Objection, by: Appointment) -> list[Reason]:
    """Who took an objection down does not judge it; also for its page."""
    if objection.taken_by_id != by.person_id:
        return []
    return [Reason("不能答复自己登记的异议", "请另一名经办或审核人答复")]


def _why_not_uphold(objection: Objection) -> list[Reason]:
    # Upheld about nobody in particular it would hold nobody back: the list would be confirmed.
    if objection.line_id or objection.notice.status != Notice.Status.PUBLISHED:
        return []
    return [Reason("异议成立，但没有指明学生", "先撤回公示，改正后重新公示，再答复")]


def _reopen(case: Case, by: Appointment) -> None:
    if case.status == Case.Status.PROPOSED:
        return
    refuse_if(moves.why_not(case, "reopen"))
    ended = Recognition.objects.filter(school_id=case.school_id, case_id=case.pk, valid_to=None)
    moves.make(
        case,
        "reopen",
        by=by,
        at=clock.now(),
        about_id=case.student_id,
        reason="公示期内异议成立",
        facts={
            "recognitions_ended": ended.update(valid_to=Greatest(F("valid_from"), clock.today()))
        },
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
