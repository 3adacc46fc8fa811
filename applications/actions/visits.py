"""Record home visits and calls; a record is never changed, a later one is added."""

from collections.abc import Sequence

from django.db import transaction

from applications import queue
from applications.actions.family_papers import attach
from applications.models import Application, Attachment, HomeVisit
from applications.pictures import paper_from
from applications.rules.eligibility import why_not_present
from applications.rules.visits import VisitFacts, why_not_visit
from audit import moves
from audit.events import record
from audit.refusal import Reason, refuse_if
from schools import clock
from schools.models import Appointment
from schools.roles import CHECKERS, Role

VISITING = CHECKERS | {Role.OPERATOR, Role.HEAD_TEACHER}
SEALED = ("housing", "finances", "studies", "mind", "relations", "wishes", "note")
PLAIN = ("on", "way", "second_visitor", "met", "met_relation", "policy_told", "conclusion")


@transaction.atomic
def record_visit(
    *,
    application: Application,
    facts: VisitFacts,
    by: Appointment,
    photos: Sequence[bytes] = (),
) -> HomeVisit:
    """Write down a visit or call with its photographs.

    Raises `Refused` with every reason: one visitor only, a day to come, nobody met, no conclusion,
    a photograph that is none, another head teacher's class, the same record sent again.
    """
    application = moves.lock(application)
    reasons = why_not_visit(
        application, facts, visitor=by.person.name, today=clock.today(), photos=len(photos)
    )
    if _recorded(application, facts, by):
        reasons.append(Reason("这次核实已经记录过", "在申请页上能看到；另一次的，写明不同之处"))
    refuse_if(reasons + why_not_present(application.student) + _why_not_by(application, by))
    papers = [paper_from(content) for content in photos]
    visit = HomeVisit(
        school_id=application.school_id,
        application=application,
        recorded_by=by.person,
        recorded_at=clock.now(),
        **{name: getattr(facts, name) for name in PLAIN},
    )
    for name in SEALED:
        setattr(visit, name, getattr(facts, name).strip() or None)
    visit.save()
    kind = Attachment.Kind.HOME_VISIT
    for paper in papers:
        photo = attach(application=application, kind=kind, paper=paper, by=by, person=by.person)
        Attachment.objects.filter(pk=photo.pk, visit=None).update(visit=visit)
    record(
        by=by,
        verb="home_visit.record",
        label=f"{visit.get_way_display()}核实家庭情况",
        subject=visit,
        at=visit.recorded_at,
        about_id=application.student_id,
        facts={
            "number": application.number,
            "conclusion": visit.conclusion,
            "photos": len(papers),
        },
    )
    return visit


def _recorded(application: Application, facts: VisitFacts, by: Appointment) -> bool:
    # What was sent twice says the same in every word.
    same = HomeVisit.objects.filter(
        school_id=application.school_id,
        application=application,
        recorded_by=by.person_id,
        **{name: getattr(facts, name) for name in PLAIN},
    )
    told = [getattr(facts, name).strip() for name in SEALED]
    return any([getattr(v, name).reveal() for name in SEALED] == told for v in same)


def _why_not_by(application: Application, by: Appointment) -> list[Reason]:
    if by.role not in VISITING:
        return [Reason(f"{by.get_role_display()}不做家访记录", "由班主任或资助办记录")]
    led = queue.led_class_ids(by)
    if by.role == Role.HEAD_TEACHER and application.student.school_class_id not in led:
        return [Reason("不是本班学生", "由该班班主任记录")]
    return []
