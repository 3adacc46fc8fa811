"""The sweep's rows of the review: one case, its class's appraisal, a meeting, a notice."""

from datetime import date
from typing import Any

from applications.models import Application, Round
from office import files
from review.models import (
    Appraisal,
    Ballot,
    BallotSlip,
    Case,
    CaseRecusal,
    ClassPhoto,
    ClassPosting,
    Meeting,
    Notice,
    NoticeLine,
    Objection,
    PostingPhoto,
    ScoringScheme,
)
from schools import clock
from schools.models import Term
from tests.cast import Staffed


def objects(staffed: Staffed) -> dict[str, Any]:
    """Rows of every kind that an address of the review names."""
    round_ = _round(staffed)
    case = _case(staffed, round_)
    appraisal = Appraisal.objects.create(
        school=staffed.school,
        round=round_,
        school_class=staffed.school_class,
        held_on=date(2026, 9, 1),
        chaired_by=staffed.head_teacher.person,
        expected=9,
        present=9,
    )
    slip = _slip(staffed, appraisal)
    meeting = Meeting.objects.create(
        school=staffed.school,
        round=round_,
        held_at=clock.now(),
        place="二楼会议室",
        topic="审定会",
        chair=staffed.leader.person,
        recorder=staffed.operator.person,
    )
    notice, objection = _notice(staffed, round_, case)
    return {
        "round_id": round_.pk,
        "class_id": staffed.school_class.pk,
        "case_id": case.pk,
        "appraisal_id": appraisal.pk,
        "ballot_id": slip.ballot_id,
        "slip_id": slip.pk,
        "slip_token": "no-slip-has-this-secret",
        "meeting_id": meeting.pk,
        "notice_id": notice.pk,
        "objection_id": objection.pk,
        "recusal_id": _recusal(staffed, meeting, case).pk,
        "scheme_id": _scheme(staffed).pk,
        "posting_id": _photo(staffed, notice).pk,
        "class_photo_id": _class_photo(staffed, appraisal).pk,
        "token": notice.token,
    }


def _round(staffed: Staffed) -> Round:
    # A year that no other module's rows have, since a year has one recognition round.
    term, _ = Term.objects.get_or_create(
        code="2024-2",
        defaults={
            "year": 2024,
            "half": 2,
            "starts_on": date(2025, 3, 3),
            "ends_on": date(2025, 7, 15),
        },
    )
    found: Round
    found, _ = Round.objects.get_or_create(
        school=staffed.school,
        kind="recognition",
        term=term,
        programme=None,
        defaults={
            "opens_on": date(2026, 9, 1),
            "closes_on": date(2026, 9, 8),
            "opened_by": staffed.operator.person,
            "opened_at": clock.now(),
        },
    )
    return found


def _case(staffed: Staffed, round_: Round) -> Case:
    teacher = staffed.head_teacher.person
    application = Application.objects.create(
        school=staffed.school,
        round=round_,
        student=staffed.students[0],
        number=f"2027-RD-{staffed.school.pk:04d}",
        status="submitted",
        channel="head_teacher",
        entered_by=teacher,
        entered_at=clock.now(),
        submit_by=teacher,
        submit_at=clock.now(),
    )
    found: Case = Case.objects.create(
        school=staffed.school,
        application=application,
        round=round_,
        student=staffed.students[0],
        school_class=staffed.school_class,
        advised_grade="hard",
        points=40,
    )
    return found


def _notice(staffed: Staffed, round_: Round, case: Case) -> tuple[Notice, Objection]:
    notice = Notice.objects.create(
        school=staffed.school,
        round=round_,
        title="关于家庭经济困难学生认定名单的公示",
        body="现予以公示。",
        department="学生资助办公室",
        phone="0000-6601301",
        superior_phone="0000-6600012",
        token=f"sweep-{staffed.school.pk}",
        status="published",
        starts_on=date(2026, 9, 1),
        ends_on=date(2026, 9, 8),
        drafted_by=staffed.operator.person,
        publish_by=staffed.reviewer.person,
        publish_at=clock.now(),
    )
    line = NoticeLine.objects.create(
        school=staffed.school,
        notice=notice,
        case=case,
        serial=1,
        grade_name="高一",
        class_name=staffed.school_class.name,
        name=staffed.students[0].name,
    )
    objection = Objection(
        school=staffed.school,
        notice=notice,
        line=line,
        lodged_at=clock.now(),
        reply_by=date(2026, 9, 4),
    )
    objection.text, objection.contact = "名单有误", "0000-6601000"
    objection.save()
    return notice, objection


def _slip(staffed: Staffed, appraisal: Appraisal) -> BallotSlip:
    ballot = Ballot.objects.create(
        school=staffed.school,
        appraisal=appraisal,
        opened_by=staffed.head_teacher.person,
        opened_at=clock.now(),
    )
    found: BallotSlip = BallotSlip.objects.create(
        school=staffed.school, ballot=ballot, name="张样泽"
    )
    return found


def _photo(staffed: Staffed, notice: Notice) -> PostingPhoto:
    file = files.keep(
        organisation=staffed.school,
        name="公示影像1.jpg",
        content=b"no picture",
        media_type="image/jpeg",
        purpose="公示影像",
        created_by=None,
    )
    found: PostingPhoto = PostingPhoto.objects.create(
        school=staffed.school,
        notice=notice,
        file=file,
        posted_on=date(2026, 9, 1),
        place="一楼公示栏",
        added_by=staffed.operator.person,
        added_at=clock.now(),
    )
    return found


def _class_photo(staffed: Staffed, appraisal: Appraisal) -> ClassPhoto:
    teacher = staffed.head_teacher.person
    posting = ClassPosting.objects.create(
        school=staffed.school,
        appraisal=appraisal,
        of_finish=clock.now(),
        naming="codes",
        starts_on=date(2026, 9, 1),
        ends_on=date(2026, 9, 4),
        place="教室公告栏",
        posted_by=teacher,
        posted_at=clock.now(),
    )
    file = files.keep(
        organisation=staffed.school,
        name="班内公示1.jpg",
        content=b"no picture",
        media_type="image/jpeg",
        purpose="班内公示影像",
        created_by=None,
    )
    found: ClassPhoto = ClassPhoto.objects.create(
        school=staffed.school,
        posting=posting,
        file=file,
        added_by=teacher,
        added_at=clock.now(),
    )
    return found


def _recusal(staffed: Staffed, meeting: Meeting, case: Case) -> CaseRecusal:
    found: CaseRecusal = CaseRecusal.objects.create(
        school=staffed.school,
        meeting=meeting,
        case=case,
        person=staffed.leader.person,
        reason="申请学生的亲属",
        recorded_by=staffed.operator.person,
        recorded_at=clock.now(),
    )
    return found


def _scheme(staffed: Staffed) -> ScoringScheme:
    base = ScoringScheme.objects.get(code="national", version=1)
    found: ScoringScheme = ScoringScheme.objects.create(
        code=f"sweep-{staffed.school.pk}",
        version=1,
        name="本校量化评估表",
        rules=base.rules,
        status="draft",
        owner_id=staffed.school.pk,
        base=base,
        drafted_by=staffed.operator.person,
        drafted_at=clock.now(),
    )
    return found
