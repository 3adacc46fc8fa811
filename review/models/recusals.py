"""回避 for one applicant's case only (row 1-46): who withdrew, why, and the vote without them."""

from django.db import models
from django.db.models import Q

from review.models.cases import Case, Tally
from review.models.meetings import Meeting
from schools.models import Person
from schools.tenancy import TenantForeignKey, TenantModel


class TallyRecusal(TenantModel):
    """A member of the class panel who did not vote on this case.

    The database lets the votes be as many as those present less these, but for who is not
    `counted` among those present: the chair without a seat, or a member who did not come.
    """

    tally = TenantForeignKey(Tally, models.CASCADE, related_name="recusals")
    name = models.CharField("回避成员", max_length=64)
    reason = models.CharField("原因", max_length=96)
    counted = models.BooleanField("在实到人数里", default=True, db_default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["school", "tally", "name"], name="tallyrecusal_once"),
            models.CheckConstraint(name="tallyrecusal_said", condition=~Q(name="") & ~Q(reason="")),
        ]

    def __str__(self) -> str:
        return self.name if self.counted else f"{self.name}（不在实到人数里）"


class CaseRecusal(TenantModel):
    """A member of the leading group who withdraws from one case of a meeting.

    The database takes none once that case has been voted on.
    """

    meeting = TenantForeignKey(Meeting, related_name="recusals")
    case = TenantForeignKey(Case, related_name="recusals")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    reason = models.CharField("原因", max_length=96)
    recorded_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["school", "meeting", "case", "person"], name="caserecusal_once"
            ),
            models.CheckConstraint(name="caserecusal_said", condition=~Q(reason="")),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.person_id}"


class CaseVote(TenantModel):
    """The vote on a case from which a member withdrew, taken apart from the others.

    The database lets it be as many votes as there are members present who did not withdraw.
    """

    meeting = TenantForeignKey(Meeting, related_name="case_votes")
    case = TenantForeignKey(Case, related_name="votes")
    votes_for = models.PositiveSmallIntegerField("同意")
    votes_against = models.PositiveSmallIntegerField("反对")
    votes_abstain = models.PositiveSmallIntegerField("弃权")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["school", "meeting", "case"], name="casevote_once")
        ]

    def __str__(self) -> str:
        return f"{self.case_id}"
