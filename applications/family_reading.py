"""A family's form as it is kept: the application, its household, and each page's facts and mark."""

from dataclasses import dataclass
from typing import Any

from applications import queue
from applications.models import (
    HARDSHIPS,
    Application,
    Attachment,
    FamilyFiling,
    FamilyVisit,
    HouseholdMember,
    HouseholdSurvey,
)
from applications.rules.family_facts import Hardship, Income, Signed, Who
from applications.rules.surveys import MemberFacts
from privacy.marks import mark_of

# Keeps the marks of a family's pages apart from those of other pages.
PAGES = "family"


@dataclass(slots=True)
class Form:
    """Everything that one visit may see and change."""

    visit: FamilyVisit
    application: Application | None
    filing: FamilyFiling | None
    survey: HouseholdSurvey | None
    members: list[HouseholdMember]
    papers: list[Attachment]

    @property
    def pages(self) -> dict[str, str]:
        """The pages gone through and when."""
        return self.filing.pages if self.filing else {}

    @property
    def kinds(self) -> set[str]:
        """The kinds of papers that are there."""
        return {p.kind for p in self.papers}

    @property
    def who(self) -> Who:
        """The first page as kept, phone and address in clear for comparing only."""
        s = self.survey
        return Who(
            self.filing.filler_name if self.filing else "",
            self.filing.relation if self.filing else "",
            s.phone.reveal() if s else "",
            s.address.reveal() if s else "",
        )

    @property
    def household(self) -> tuple[MemberFacts, ...]:
        """The second page as kept."""
        return tuple(queue.member_facts(m) for m in self.members)

    @property
    def income(self) -> Income:
        """The third page as kept."""
        s = self.survey
        if s is None:
            return Income()
        return Income(
            s.family_size,
            s.students_in_family,
            s.annual_income_fen,
            s.income_source,
            s.seriously_ill,
            s.single_parent,
        )

    @property
    def hardship(self) -> Hardship:
        """The fourth page as kept."""
        s = self.survey
        if s is None:
            return Hardship()
        return Hardship(tuple(s.claims), **{name: getattr(s, name) for name in HARDSHIPS})

    @property
    def signed(self) -> Signed:
        """The fifth page as kept."""
        a, filing = self.application, self.filing
        if a is None:
            return Signed()
        return Signed(a.reason, a.committed_by, bool(filing and filing.brings_paper))

    def facts(self, page: str) -> Any:
        """A page's facts by its key."""
        names = {"members": "household", "papers": "signed"}
        return getattr(self, names.get(page, page))

    def mark(self, page: str) -> str:
        """What a page that is shown now is filled in from."""
        return mark_of(PAGES, self.facts(page))


def read_form(visit: FamilyVisit) -> Form:
    """The form of one visit as it is kept now."""
    application = (
        Application.objects.filter(
            school_id=visit.school_id, round_id=visit.code.round_id, student_id=visit.student_id
        )
        .select_related("round__term", "round__programme", "student__school_class")
        .first()
    )
    if application is None:
        return Form(visit, None, None, None, [], [])
    filing = FamilyFiling.objects.filter(application=application).first()
    survey = HouseholdSurvey.objects.filter(application=application).first()
    members = list(survey.members.order_by("pk")) if survey else []
    papers = Attachment.objects.filter(application=application).select_related("file")
    return Form(visit, application, filing, survey, members, list(papers.order_by("pk")))
