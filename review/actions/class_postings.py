"""班内公示: the result of a class panel hangs in the class, and that it did is written down."""

from datetime import date

from django.db import IntegrityError, transaction

from audit import moves
from audit.events import record
from audit.refusal import Reason, refuse_if
from review.actions.appraisals import why_not_chair
from review.actions.writing import conflict
from review.models import Appraisal, ClassPosting
from schools import clock
from schools.models import Appointment
from schools.official import last_day

# Working days that the result hangs in the class (`domain.md` §D.3).
POSTED_DAYS = 3
AGAIN = "这次评议结果已经登记过班内公示"


def post_in_class(
    *, appraisal: Appraisal, naming: str, starts_on: date, place: str, by: Appointment
) -> ClassPosting:
    """Write down that the result hangs in the class from `starts_on` for three working days.

    The day itself is not counted. A result handed in anew is posted anew. Raises `Refused`.
    """
    try:
        with transaction.atomic():
            return _post(appraisal, naming, starts_on, place.strip(), by)
    except IntegrityError as error:
        if "class_posting_once" not in str(error):
            raise
        raise conflict(AGAIN) from None


def _post(
    appraisal: Appraisal, naming: str, starts_on: date, place: str, by: Appointment
) -> ClassPosting:
    appraisal = moves.lock(appraisal)
    finished = appraisal.finish_at or clock.now()
    refuse_if(
        [
            *why_not_chair(appraisal.school_class, by),
            *why_not_post(appraisal),
            *_why_not_shown(appraisal, naming, starts_on, place),
        ]
    )
    made: ClassPosting = ClassPosting.objects.create(
        school_id=appraisal.school_id,
        appraisal=appraisal,
        of_finish=finished,
        naming=naming,
        starts_on=starts_on,
        ends_on=last_day(starts_on, POSTED_DAYS).last,
        place=place,
        posted_by=by.person,
        posted_at=clock.now(),
    )
    record(
        by=by,
        verb="appraisal.post_in_class",
        label="登记班内公示",
        subject=appraisal,
        at=clock.now(),
        facts={"starts_on": starts_on.isoformat(), "ends_on": made.ends_on.isoformat()},
    )
    return made


def why_not_post(appraisal: Appraisal) -> list[Reason]:
    """Why the class's result can't hang there now; also for its page."""
    if appraisal.status != Appraisal.Status.FINISHED:
        return [Reason("班级评议还没有提交", "提交评议结果后再张贴")]
    again = posting_of(appraisal) is not None
    return [Reason(AGAIN, "登记错了的先撤回；评议结果改动后重新张贴")] if again else []


def posting_of(appraisal: Appraisal) -> ClassPosting | None:
    """The posting of the result as it stands; None when it has not hung yet."""
    if appraisal.finish_at is None:
        return None
    found: ClassPosting | None = (
        appraisal.postings.filter(of_finish=appraisal.finish_at, withdrawn_at=None)
        .select_related("posted_by")
        .order_by("pk")
        .first()
    )
    return found


def _why_not_shown(appraisal: Appraisal, naming: str, starts_on: date, place: str) -> list[Reason]:
    found = []
    if naming not in ClassPosting.Naming.values:
        found.append(Reason("没有选择列姓名还是编号", "请选择一种"))
    if not place or len(place) > 48:
        found.append(Reason("没有写张贴地点，或超过48个字", "例如：教室公告栏"))
    if starts_on > clock.today():
        found.append(Reason("张贴日期还没有到", "填写实际张贴的日期"))
    finished = appraisal.finish_at
    if finished and starts_on < finished.astimezone(clock.CHINA).date():
        found.append(Reason("张贴日期早于提交评议结果的日期", "填写实际张贴的日期"))
    return found
