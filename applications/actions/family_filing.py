"""What a family writes on its phone, page by page; every page is kept when it is sent.

A page brings the mark of what it was filled in from. When another phone has changed the same page
since, nothing is written and `Changed` is raised, so that both versions can be shown.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.db import transaction

from applications import queue
from applications.actions.family_entry import family_of
from applications.family_reading import PAGES, Form, read_form
from applications.models import (
    HARDSHIPS,
    Application,
    FamilyFiling,
    FamilyVisit,
    HouseholdMember,
    HouseholdSurvey,
    Round,
)
from applications.rules import entries as entry_rules
from applications.rules import family as rules
from applications.rules.eligibility import why_not_present
from applications.rules.family_facts import Hardship, Income, Signed, Who
from applications.rules.surveys import (
    MOST_MEMBERS,
    MemberFacts,
    SurveyFacts,
    grown,
    stated,
    why_not_survey,
)
from audit import moves
from audit.events import record
from audit.refusal import Reason, Refused, refuse_if
from privacy.identity import check_phone, valid_name
from privacy.marks import mark_of
from schools import clock

COPIED = (
    "family_size",
    "annual_income_fen",
    "income_source",
    "students_in_family",
    "seriously_ill",
    "single_parent",
    "claims",
    "address",
    "phone",
    *HARDSHIPS,
)
MEMBER_FACTS = ("name", "age", "relation", "work", "occupation", "annual_income_fen", "health")


class Changed(Exception):
    """Somebody else has changed the page since it was opened; nothing was written."""


def _refuse_changed(kept: Any, told: Any, mark: str) -> None:
    # What was sent twice, by a double click or a slow line, says the same and is no conflict.
    if mark != mark_of(PAGES, kept) and kept != told:
        raise Changed


@transaction.atomic
def save_who(*, visit: FamilyVisit, told: Who, consents: bool, mark: str) -> Application:
    """Keep the first page; the application begins here, with the consent.

    What was told last year is copied in, to be gone through anew. Raises `Changed`, or `Refused`
    with every reason: round closed, handed over already, child under 14 by itself, no consent.
    """
    round_ = moves.lock(visit.code.round)
    form = _locked(visit)
    student, kept = visit.student, form.who
    told = replace(
        told,
        phone=kept.phone if told.phone is None else check_phone(told.phone).number,
        address=kept.address if told.address is None else told.address.strip(),
    )
    age = student.age_on(clock.today())
    reasons = why_not_fill(form)
    reasons += rules.why_not_fill_in(student, told.relation, age=age, consents=consents)
    reasons += [
        Reason(f"填写人姓名：{p.rstrip('。')}", "核对后再填") for p in valid_name(told.name)
    ]
    if told.phone:
        problems = check_phone(told.phone).problems
        reasons += [Reason(f"手机：{p.rstrip('。')}", "核对后再填") for p in problems]
    refuse_if(reasons)
    _refuse_changed(kept, told, mark)
    application = form.application or _begin(visit, round_)
    filing = form.filing or FamilyFiling(
        school_id=application.school_id, application=application, consented_at=clock.now()
    )
    if filing.consented_at < application.entered_at:
        # The earlier consent was for what was withdrawn.
        filing.consented_at = clock.now()
    filing.filler_name, filing.relation = told.name.strip(), told.relation
    survey = HouseholdSurvey.objects.filter(application=application).first() or HouseholdSurvey(
        school_id=application.school_id, application=application
    )
    survey.phone, survey.address = told.phone or survey.phone, told.address or survey.address
    survey.save()
    _kept(filing, "who")
    return application


def why_not_fill(form: Form) -> list[Reason]:
    """Why the family can't change its form now."""
    # Read anew: the visit may have been found before the round was closed.
    round_ = Round.objects.select_related("term", "programme").get(pk=form.visit.code.round_id)
    reasons = entry_rules.why_not_open(round_, clock.today()) + why_not_present(form.visit.student)
    application = form.application
    return reasons + (rules.why_not_in_family_hands(application) if application else [])


def _locked(visit: FamilyVisit) -> Form:
    form = read_form(visit)
    if form.application is None:
        return form
    moves.lock(form.application)
    # Read again: what was read before the lock may have been changed while waiting for it.
    return read_form(visit)


def _begin(visit: FamilyVisit, round_: Round) -> Application:
    # The lock on the round puts entries in order, so that no number is given twice.
    n = Application.objects.filter(school_id=round_.school_id, round=round_).count() + 1
    application: Application = Application.objects.create(
        school_id=round_.school_id,
        round=round_,
        student=visit.student,
        number=f"{round_.number_prefix}-{n:04d}",
        channel=Application.Channel.FAMILY,
        entered_at=clock.now(),
    )
    record(
        by=family_of(round_.school_id),
        verb="application.draft",
        label="家长开始填写申请",
        subject=application,
        at=application.entered_at,
        about_id=visit.student_id,
        facts={"number": application.number, "round": round_.pk},
    )
    _copy_last_year(application)
    return application


def _copy_last_year(application: Application) -> None:
    before = queue.last_survey(application.student_id, application.round)
    if before is None:
        return
    copied = HouseholdSurvey(school_id=application.school_id, application=application)
    for name in COPIED:
        setattr(copied, name, getattr(before, name))
    copied.save()
    years = application.round.term.year - before.application.round.term.year
    HouseholdMember.objects.bulk_create(
        HouseholdMember(
            school_id=application.school_id,
            survey=copied,
            **{name: getattr(m, name) for name in MEMBER_FACTS} | {"age": grown(m.age, years)},
        )
        for m in before.members.order_by("pk")
    )


def _kept(filing: FamilyFiling, page: str) -> None:
    filing.saved_at = clock.now()
    filing.pages = {**filing.pages, page: filing.saved_at.isoformat()}
    filing.save()


def opened(visit: FamilyVisit) -> tuple[Form, Application, FamilyFiling, HouseholdSurvey]:
    """The visit's form, locked and open to the family; else `Refused` with every reason."""
    form = _locked(visit)
    if form.application is None or form.filing is None or form.survey is None:
        raise Refused([Reason("还没有填第一页", "先填写是谁来填写")])
    refuse_if(why_not_fill(form))
    return form, form.application, form.filing, form.survey


@transaction.atomic
def save_member(
    *, visit: FamilyVisit, told: MemberFacts, mark: str, member_id: int | None = None
) -> Application:
    """Keep one member of the household: a new one, or by its id one that is there."""
    form, application, filing, survey = opened(visit)
    one = next((m for m in form.members if m.pk == member_id), None)
    if told in form.household and (member_id is None or one is None):
        _kept(filing, "members")
        return application
    if mark != form.mark("members") or (member_id is not None and one is None):
        raise Changed
    others = tuple(queue.member_facts(m) for m in form.members if m is not one)
    _refuse_members((*others, told))
    row = one or HouseholdMember(school_id=survey.school_id, survey=survey)
    for name in MEMBER_FACTS:
        setattr(row, name, getattr(told, name))
    row.save()
    _settle(survey)
    _kept(filing, "members")
    return application


def _refuse_members(members: tuple[MemberFacts, ...]) -> None:
    reasons = why_not_survey(SurveyFacts(members=members))
    if len(members) > MOST_MEMBERS:
        reasons.append(Reason(f"最多填{MOST_MEMBERS}位家庭成员", "只填一起生活的家人"))
    refuse_if(reasons)


def _settle(survey: HouseholdSurvey) -> None:
    # Size and income follow from the members; the next page lets the family say otherwise.
    members = list(survey.members.all())
    survey.family_size = len(members) + 1
    survey.annual_income_fen = sum(m.annual_income_fen for m in members)
    survey.save(update_fields=["family_size", "annual_income_fen"])


@transaction.atomic
def drop_member(*, visit: FamilyVisit, member_id: int) -> Application:
    """Take one member out again; one that is gone already is gone."""
    _, application, filing, survey = opened(visit)
    if HouseholdMember.objects.filter(survey=survey, pk=member_id).delete()[0]:
        _settle(survey)
    _kept(filing, "members")
    return application


@transaction.atomic
def confirm_members(*, visit: FamilyVisit) -> Application:
    """The family says that these are all."""
    _, application, filing, _ = opened(visit)
    _kept(filing, "members")
    return application


@transaction.atomic
def save_income(*, visit: FamilyVisit, told: Income, mark: str) -> Application:
    """Keep the third page; what is None follows from the members."""
    return _save(visit, "income", told, mark, _write_income)


@transaction.atomic
def save_hardship(*, visit: FamilyVisit, told: Hardship, mark: str) -> Application:
    """Keep the fourth page; a box that only says 无 stays empty."""
    cleaned = {name: stated(getattr(told, name)) for name in HARDSHIPS}
    told = Hardship(tuple(sorted(told.claims)), **cleaned)
    return _save(visit, "hardship", told, mark, _write_hardship)


@transaction.atomic
def save_signed(*, visit: FamilyVisit, told: Signed, mark: str) -> Application:
    """Keep the fifth page: reason and commitment; the day of the commitment is today."""
    return _save(visit, "papers", told, mark, _write_signed)


@transaction.atomic
def keep_signed(*, visit: FamilyVisit, told: Signed, agreed: bool, mark: str) -> Application:
    """Keep what the fifth page says so far, finished or not, while its papers are uploaded.

    Without `agreed` a name is no commitment: it has no day. The page is not yet gone through.
    Raises `Changed`, or `Refused` like the others.
    """
    form, application, filing, _ = opened(visit)
    _refuse_changed(form.signed, told, mark)
    _write_signed(form, told)
    if not agreed and application.committed_on:
        application.committed_on = None
        application.save(update_fields=["committed_on"])
    filing.saved_at = clock.now()
    filing.save()
    return application


def _save(
    visit: FamilyVisit, page: str, told: Any, mark: str, write: Callable[[Form, Any], None]
) -> Application:
    form, application, filing, _ = opened(visit)
    kept = form.facts(page)
    if isinstance(told, Income):
        told = _completed(told, form)
    _refuse_changed(kept, told, mark)
    write(form, told)
    _kept(filing, page)
    return application


def _completed(told: Income, form: Form) -> Income:
    household = form.household
    earned = sum(m.annual_income_fen for m in household)
    told = replace(
        told,
        family_size=len(household) + 1 if told.family_size is None else told.family_size,
        annual_income_fen=earned if told.annual_income_fen is None else told.annual_income_fen,
    )
    refuse_if(
        why_not_survey(
            SurveyFacts(
                members=household,
                family_size=told.family_size,
                annual_income_fen=told.annual_income_fen,
                students_in_family=told.students_in_family,
            )
        )
    )
    return told


def _write_income(form: Form, told: Income) -> None:
    _write_survey(form, told, Income.__slots__)


def _write_hardship(form: Form, told: Hardship) -> None:
    _write_survey(form, told, Hardship.__slots__)


def _write_survey(form: Form, told: Any, names: tuple[str, ...]) -> None:
    survey = form.survey
    if survey is None:
        return
    for name in names:
        value = getattr(told, name)
        setattr(survey, name, list(value) if isinstance(value, tuple) else value)
    survey.save(update_fields=list(names))


def _write_signed(form: Form, told: Signed) -> None:
    application, filing = form.application, form.filing
    if application is None or filing is None:
        return
    application.reason = told.reason.strip()
    if told.committed_by.strip() != application.committed_by or not application.committed_on:
        application.committed_by = told.committed_by.strip()
        application.committed_on = clock.today() if application.committed_by else None
    application.save(update_fields=["reason", "committed_by", "committed_on"])
    filing.brings_paper = told.brings_paper
