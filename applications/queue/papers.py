"""Which papers a round asks for, and which of an application's did not come."""

from datetime import date

from applications.models import Application, HouseholdSurvey, PaperRule, Round, valid_on
from applications.queue.groups import listed_groups
from applications.rules.papers import absent, asked_of


def paper_rules(round_: Round) -> list[PaperRule]:
    """Which papers the round asks for, as the data stood when it opened."""
    rules = PaperRule.objects.filter(valid_on(round_.opens_on), programme=round_.programme_id)
    return list(rules.order_by("pk"))


def papers_absent(
    application: Application, survey: HouseholdSurvey | None, day: date
) -> list[PaperRule]:
    """The papers that are asked of this application and did not come, on paper or as a picture."""
    rules = paper_rules(application.round)
    if not rules:
        return []
    student = application.student_id
    asked = asked_of(
        rules,
        survey,
        claims=survey.claims if survey else (),
        listed=listed_groups(application.school_id, [student], day).get(student, ()),
    )
    came = application.attachments.values_list("kind", flat=True)
    return absent(asked, {*came, *application.papers_received})
