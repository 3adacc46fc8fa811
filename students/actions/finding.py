"""Look a student up by an exact number, on the record; keep filters that are used often."""

from django.db import IntegrityError, transaction

from audit.events import record
from audit.refusal import Reason, Refused, refuse_if
from schools import clock
from schools.models import Appointment, School
from students.models import SavedFilter, Student
from students.models.roster import StudentQuerySet
from students.models.searching import by_identity, whole_number

MOST = 20


@transaction.atomic
def find_by_number(
    *, students: StudentQuerySet, school: School, number: str, by: Appointment
) -> Student | None:
    """Whose ID, permit, passport or enrolment number this is among `students`.

    Who asked is kept, the number is not.
    Raises `Refused` when it is not such a number.
    """
    whole = whole_number(number)
    if not whole:
        raise Refused([Reason("这不是完整的证件号或学籍号", "请核对位数，身份证号是18位")])
    # A number may stand on several rows when somebody left and came back: the present one first.
    rows = sorted(students.filter(by_identity(whole)), key=lambda s: (s.left_on is not None, -s.pk))
    found = rows[0] if rows else None
    record(
        by=by,
        verb="student.find",
        label="按证件号查找学生",
        subject=found or school,
        at=clock.now(),
        organisation_id=school.pk,
        about_id=found.pk if found else None,
        facts={"found": found is not None},
    )
    return found


@transaction.atomic
def keep_filter(*, school: School, name: str, query: str, by: Appointment) -> SavedFilter:
    """Keep a filter under a name of one's own.

    Raises `Refused` for a name that is empty or taken, for no filter at all, and above `MOST`.
    """
    mine = SavedFilter.objects.for_school(school).filter(person_id=by.person_id)
    refuse_if(_why_not_keep(name, query, mine.count()))
    try:
        with transaction.atomic():
            kept: SavedFilter = SavedFilter.objects.create(
                school=school, person_id=by.person_id, name=name.strip(), query=query
            )
    except IntegrityError as error:
        if "filter_name_once" not in str(error):
            raise
        raise Refused([Reason(f"已有名为“{name.strip()}”的筛选", "请换一个名称")]) from None
    return kept


def _why_not_keep(name: str, query: str, kept: int) -> list[Reason]:
    found = []
    if not name.strip():
        found.append(Reason("筛选还没有名称", "请填写，例如“高一寄宿生”"))
    if len(name.strip()) > 24:
        found.append(Reason("名称太长", "请在24个字以内"))
    if not query:
        found.append(Reason("现在没有筛选条件", "请先选择年级、班级、学籍或就读方式"))
    if len(query) > 200:
        found.append(Reason("筛选条件太多", "请去掉一些再保存"))
    if kept >= MOST:
        found.append(Reason(f"已保存{MOST}个筛选", "请先删去不用的"))
    return found


@transaction.atomic
def drop_filter(*, kept: SavedFilter, by: Appointment) -> None:
    """Forget a filter of one's own."""
    refuse_if(
        [] if kept.person_id == by.person_id else [Reason("这不是您保存的筛选", "请刷新页面")]
    )
    kept.delete()
