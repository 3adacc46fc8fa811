"""One semester of the demonstration district, step by step, through the actions of the pages.

Each step names its business day and may be run for one school at a time, so that a demonstration
can stand in the middle of a term and `manage.py demo --once` at its end.
"""

from datetime import date, timedelta
from typing import Any

from aidadmin.demo import families, files, paying
from aidadmin.demo.days import on, programme_of, term
from aidadmin.demo.district import DemoDistrict, DemoSchool
from applications import actions as applications
from applications.models import Application, Round
from review import actions as review
from review.models import Case, Notice, Recognition
from schools import clock
from schools.scope import acting_for
from students import actions as students
from students.models import EnrolmentChange, SchoolClass, SpecialGroup, Student

# --- September: who is here, and who belongs to a special group ---


def import_roster(demo: DemoSchool) -> None:
    """1 September: the roster file is staged, looked at and applied."""
    with on(date(2026, 9, 1), demo):
        staged = students.stage_roster(
            school=demo.school,
            content=files.roster(demo.roll),
            filename="名册.xlsx",
            by=demo.operator,
        )
        students.apply_roster(staged=staged, by=demo.operator)


def approve_rosters(demo: DemoSchool) -> None:
    """2 September: every head teacher approves the class's roster."""
    with on(date(2026, 9, 2), demo):
        for row in demo.classes:
            students.approve_roster(school_class=row, term=term(), by=demo.teachers[row.name])


def match_lists(district: DemoDistrict) -> None:
    """3 September: both districts upload the departments' lists; matching splits them."""
    for key, bureau in district.bureaus.items():
        by = district.officers[f"{key}-operator"]
        with on(date(2026, 9, 3)), acting_for(bureau):
            for code, content in files.department_lists(district.rolls, key).items():
                listed = students.upload_list(
                    bureau=bureau,
                    group=SpecialGroup.objects.get(code=code),
                    content=content,
                    filename=f"{code}.xlsx",
                    issued_on=date(2026, 8, 31),
                    valid_from=date(2026, 9, 1),
                    valid_to=None,
                    by=by,
                )
                students.match_list(listed=listed, by=by)


def change_enrolments(demo: DemoSchool) -> None:
    """9 November: someone suspends his studies, someone withdraws."""
    with on(date(2026, 11, 9), demo):
        aided = Student.objects.present().filter(recognitions__grade="hard").order_by("pk")
        for student, kind in zip(
            aided[:2],
            (EnrolmentChange.Kind.SUSPEND, EnrolmentChange.Kind.WITHDRAW),
            strict=False,
        ):
            students.change_enrolment(
                student=student,
                kind=kind,
                on=date(2026, 11, 9),
                reason="家庭原因",
                by=demo.operator,
            )


# --- September: recognition ---


def open_recognition(demo: DemoSchool) -> Round:
    """1 September: the round opens with its window of five working days."""
    with on(date(2026, 9, 1), demo, hour=11):
        return applications.open_recognition_round(
            school=demo.school, term=term(), by=demo.operator
        )


def come_in(demo: DemoSchool) -> None:
    """1 September: two new students come in through the green channel, one fee is waived."""
    if demo.plan.stage not in STAGES_WITH_FEES:
        return
    with on(date(2026, 9, 1), demo, hour=15):
        new = Student.objects.present().filter(school_class__grade=1).order_by("pk")[:2]
        for student, kind, item, until in zip(
            new,
            ("defer", "waive"),
            ("tuition", "lodging"),
            (date(2026, 12, 31), None),
            strict=False,
        ):
            entry = applications.register_green(
                student=student,
                term=term(),
                kind=kind,
                item=item,
                amount_fen=60_000,
                reason="家庭经济困难，暂时交不了",
                until=until,
                by=demo.operator,
            )
            if kind == "waive":
                applications.approve_green(entry=entry, by=demo.reviewer)


def apply_for_recognition(demo: DemoSchool, round_: Round) -> None:
    """4 September: some families write themselves, head teachers enter the others' forms."""
    with on(date(2026, 9, 4), demo):
        codes, own, n = families.send_letters(demo, round_), 0, 0
        chance = demo.invention.chance
        listed = {p.id_number for p in demo.pupils if p.groups}
        for student in Student.objects.present().select_related("school_class").order_by("pk"):
            wants = student.id_number.reveal() in listed or chance.random() < demo.plan.difficult
            if not wants or chance.random() >= 0.97:
                continue
            told, n = survey(demo), n + 1
            if n % families.EVERY == 0 and own < families.MOST:
                families.hand_in(demo, student, codes[student.school_class_id], told)
                own += 1
            else:
                apply_one(demo, round_, student, told)


def apply_one(
    demo: DemoSchool, round_: Round, student: Student, told: applications.SurveyFacts
) -> None:
    """A head teacher enters a family's form, signed the day before, and hands it in."""
    teacher = demo.teachers[student.school_class.name]
    draft = applications.draft_application(
        round_=round_,
        student=student,
        by=teacher,
        survey=told,
        reason=families.REASON,
        committed_on=clock.today() - timedelta(days=1),
        committed_by=f"{student.name}家长",
        committed_relation="guardian",
        consents=True,
        identity_paper=Application.IdentityPaper.HUKOU,
    )
    applications.submit(application=draft, by=teacher)


def survey(demo: DemoSchool) -> applications.SurveyFacts:
    """A household that tells of itself."""
    chance, invent = demo.invention.chance, demo.invention
    members = tuple(
        applications.MemberFacts(
            name=invent.name(),
            age=chance.randrange(58, 80) if relation == "祖母" else chance.randrange(34, 52),
            relation=relation,
            work=chance.choice(("务农", "外出务工", "示范市样例厂", "无")),
            occupation="",
            annual_income_fen=chance.randrange(0, 40) * 100_000,
            health=chance.choice(("健康", "健康", "健康", "患病", "患病")),
        )
        for relation in ("父亲", "母亲", "祖母")[: chance.randrange(1, 4)]
    )
    return applications.SurveyFacts(
        family_size=len(members) + 1,
        annual_income_fen=sum(m.annual_income_fen for m in members),
        members=members,
        income_source=chance.choice(("务农", "务工", "低保金")),
        weak_labour="祖母年迈" if chance.random() < 0.2 else "",
        sudden_accident="父亲工伤" if chance.random() < 0.1 else "",
        debt="治病欠债" if chance.random() < 0.2 else "",
        seriously_ill=any(m.health == "重病" for m in members),
        single_parent=len(members) == 1,
        students_in_family=1,
        phone=invent.mobile(),
        address="示范市样例镇范例村",
    )


def appraise(
    demo: DemoSchool, round_: Round, day: date = date(2026, 9, 10), *, leaving: int = 0
) -> None:
    """Cases are taken up and scored; all classes but the last `leaving` appraise."""
    with on(day, demo):
        review.take_up(round_=round_, by=demo.operator)
        for row in demo.classes[: len(demo.classes) - leaving]:
            if Case.objects.filter(round=round_, school_class=row).exists():
                _appraise_class(demo, round_, row)


def _appraise_class(demo: DemoSchool, round_: Round, row: SchoolClass) -> None:
    teacher = demo.teachers[row.name]
    appraisal = review.hold_appraisal(
        round_=round_,
        school_class=row,
        held_on=clock.today(),
        expected=7,
        present=7,
        by=teacher,
    )
    for case in Case.objects.filter(round=round_, school_class=row).order_by("pk"):
        votes: dict[str, Any] = {
            "special": 0,
            "hard": 0,
            "general": 0,
            "none": 0,
            case.advised_grade: 6,
        }
        reason = "情况属实"
        # Now and then the class knows better than the score.
        if demo.invention.chance.random() < 0.08 and case.advised_grade != "none":
            votes[case.advised_grade] = 2
            votes["general" if case.advised_grade != "general" else "hard"] = 4
            reason = "家访了解的情况和评分不同"
        review.tally(appraisal=appraisal, case=case, by=teacher, abstain=1, reason=reason, **votes)
    review.finish_appraisal(appraisal=appraisal, by=teacher)


def decide(demo: DemoSchool, round_: Round, propose_on: date, meet_on: date) -> None:
    """Suggestions are fixed, the leading group decides, a second person confirms."""
    with on(propose_on, demo):
        review.propose(round_=round_, by=demo.operator)
    with on(meet_on, demo, hour=15):
        members = [demo.staff[key] for key in ("leader", "committee1", "committee2", "committee3")]
        meeting = review.convene(
            round_=round_,
            held_at=clock.now(),
            place="二楼会议室",
            topic=f"审定{round_}名单",
            chair=demo.leader.person,
            recorder=demo.operator.person,
            members=[m.person for m in members],
            by=demo.operator,
        )
        review.take_attendance(
            meeting=meeting,
            present={m.person_id for m in members},
            recusals={},
            by=demo.operator,
        )
        review.decide(
            meeting=meeting,
            votes_for=4,
            votes_against=0,
            votes_abstain=0,
            resolution="同意所列名单，予以公示。",
            changes={},
            by=demo.operator,
        )
        review.confirm_meeting(meeting=meeting, by=demo.reviewer)


def publish(demo: DemoSchool, round_: Round, day: date) -> Notice:
    """The list is drafted by one person and published by another."""
    with on(day, demo):
        notice = review.draft_notice(round_=round_, by=demo.operator)
        return review.publish(notice=notice, by=demo.reviewer)


def confirm_notice(demo: DemoSchool, notice: Notice, day: date) -> None:
    """After the period the notice is confirmed."""
    with on(day, demo):
        review.confirm_notice(notice=notice, by=demo.reviewer)


# --- October: the programme's round ---


def open_programme(demo: DemoSchool) -> Round:
    """28 September: the term's programme opens."""
    with on(date(2026, 9, 28), demo, hour=14):
        return applications.open_programme_round(
            school=demo.school,
            term=term(),
            programme=programme_of(demo),
            by=demo.operator,
        )


def apply_for_programme(demo: DemoSchool, round_: Round) -> None:
    """9 October: everyone with a difficult grade applies."""
    with on(date(2026, 10, 9), demo):
        recognised = Recognition.objects.filter(
            year=2026, valid_to=None, grade__in=("special", "hard", "general")
        )
        wanting = list(Student.objects.present().filter(recognitions__in=recognised).order_by("pk"))
        # Three families never hand in the form: the 排查 must find them.
        applications.apply_for_many(round_=round_, students=wanting[3:], by=demo.operator)
        review.take_up(round_=round_, by=demo.operator)


# --- the whole term ---


STAGES_WITH_FEES = ("senior", "vocational")
STAGES = ("roster", "applied", "appraised", "published", "recognised", "awarded", "paid", "end")


def begin(district: DemoDistrict) -> None:
    """The first three days, the same for every school; after `last_year.begin`."""
    for demo in district.schools:
        import_roster(demo)
        approve_rosters(demo)
    match_lists(district)


def walk(demo: DemoSchool, upto: str = "end") -> None:
    """Walk one school to the named stage, with `begin` done before."""
    goal = STAGES.index(upto)
    if goal < STAGES.index("applied"):
        return
    come_in(demo)
    recognition = open_recognition(demo)
    apply_for_recognition(demo, recognition)
    if goal < STAGES.index("appraised"):
        return
    # A school that stands here has one class whose panel may still be shown voting.
    appraise(demo, recognition, leaving=int(upto == "appraised"))
    if goal < STAGES.index("published"):
        return
    decide(demo, recognition, date(2026, 9, 15), date(2026, 9, 17))
    notice = publish(demo, recognition, date(2026, 9, 18))
    if goal < STAGES.index("recognised"):
        return
    confirm_notice(demo, notice, date(2026, 9, 28))
    if goal < STAGES.index("awarded"):
        return
    _programme(demo, goal)


def _programme(demo: DemoSchool, goal: int) -> None:
    round_ = open_programme(demo)
    apply_for_programme(demo, round_)
    decide(demo, round_, date(2026, 10, 12), date(2026, 10, 13))
    notice = publish(demo, round_, date(2026, 10, 14))
    confirm_notice(demo, notice, date(2026, 10, 22))
    paying.issue_cards(demo)
    paying.award(demo, round_)
    paying.enter_lists(demo, round_)
    if goal < STAGES.index("paid"):
        return
    change_enrolments(demo)
    batch = paying.settle(demo, paying.pay(demo, round_), date(2026, 11, 27), failures=3)
    if goal < STAGES.index("end"):
        return
    paying.pay_again(demo, batch)
    paying.screen(demo)
