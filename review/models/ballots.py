"""手机投票: the class panel votes blindly, each member on an own phone.

Tables. A `Ballot` is one vote of a panel on the cases that had no tally when it was opened; each
of them is a `BallotCase` with its counted votes, each member present has a `BallotSlip`, and who
stays away from a case is a `BallotRecusal`, by name as the rule asks (row 1-46).

Blind. A vote is not a row: the slip says that it has voted, the case's figures rise by one, and
nothing joins the two, neither key nor order nor time. Rows of one vote would share a transaction
with the slip, and whoever reads the database could join them; figures are one row for everybody,
and the counting writes all of them anew. While voting is under way no page reads the figures.

Own hand. Whoever hands the slips out could vote them himself. A phone keeps a random cookie, and a
`BallotDevice` counts the slips that its keyed mark voted in one ballot; the mark is another in
every ballot. No row says which slips. The audit tells in which order slips were handed in, so
devices have no order: their keys are random, and the counting writes them anew by these. The pages
show the numbers to checkers alone, after counting. Several slips of one device are no proof, since
phones are shared, and one device each is none either, since a cookie can be thrown away; the figure
tells a checker where to ask. So does a device on which somebody was signed in.

What this does not hide. Votes of one mind tell everybody's. Who takes the database's files, its
log or a copy while a vote is under way can compare the figures before and after a slip: no copy is
to be given out, and nobody but the server's keeper has one. Who looks over a shoulder sees a vote;
a chair who keeps a slip's code can vote before the member, who then is told that the slip has
voted and says so: the count waits while people sit together. The log of the web server knows when
a phone sent its page, and which; not what.

Moves. open → counted (收票: every figure becomes a `Tally`, who did not vote abstains) → cancelled
(作废重投: its tallies go, with a reason); open → cancelled.

The database refuses: two open ballots of one appraisal; a slip that votes twice or without its
secret; figures that fall, rise by more than one vote at a time, rise in a ballot that is not open,
or differ from the slips that voted less those who stay away from the case; a recusal after its slip
has voted, and the end of the chair's unless the chair gave it back; a tally of a ballot that
differs from the figures; and a tally entered by hand for a case on which a ballot was counted,
unless the case's facts changed since, it was cancelled before counting, or a checker consented to
paper after it was voided.
"""

import secrets
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from audit.moves import Move, move
from privacy.fields import BlindIndexField
from review.models.cases import Appraisal, Case
from schools.models import Person
from schools.tenancy import TenantForeignKey, TenantModel


class Choice(models.TextChoices):
    """What a member may vote on one case; the names are the columns of `Tally`."""

    SPECIAL = "special", "特别困难"
    HARD = "hard", "困难"
    GENERAL = "general", "一般困难"
    NONE = "none", "不困难"
    ABSTAIN = "abstain", "弃权"


class Ballot(TenantModel):
    """One blind vote of a class panel."""

    class Status(models.TextChoices):
        OPEN = "open", "投票中"
        COUNTED = "counted", "已收票"
        CANCELLED = "cancelled", "已作废"

    MOVES: ClassVar[tuple[Move, ...]] = (
        move("count", "收票", Status.OPEN, Status.COUNTED),
        move("cancel", "作废重投", (Status.OPEN, Status.COUNTED), Status.CANCELLED),
    )

    appraisal = TenantForeignKey(Appraisal, related_name="ballots")
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.OPEN)
    # Members see codes and scores; names only where the school has decided so.
    shows_names = models.BooleanField("显示申请人姓名", default=False)
    opened_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    count_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    count_at = models.DateTimeField(null=True)
    cancel_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    cancel_at = models.DateTimeField(null=True)
    cancel_reason = models.CharField("作废原因", max_length=200, blank=True)

    # Too few can come to vote again: a checker lets the voided cases be voted on paper.
    paper_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    paper_at = models.DateTimeField(null=True)
    paper_reason = models.CharField("同意纸质评议的原因", max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["school", "appraisal"], name="ballot_open_once", condition=Q(status="open")
            ),
            models.CheckConstraint(
                name="ballot_count_stamp",
                condition=~Q(status="counted") | Q(count_at__isnull=False, count_by__isnull=False),
            ),
            models.CheckConstraint(
                name="ballot_cancel_stamp",
                condition=~Q(status="cancelled")
                | (Q(cancel_at__isnull=False, cancel_by__isnull=False) & ~Q(cancel_reason="")),
            ),
            models.CheckConstraint(
                name="ballot_paper_second_person",
                condition=Q(paper_by=None, paper_at=None, paper_reason="")
                | (
                    Q(status="cancelled", count_at__isnull=False)
                    & Q(paper_by__isnull=False, paper_at__isnull=False)
                    & ~Q(paper_reason="")
                    & ~Q(paper_by=F("cancel_by"))
                ),
            ),
        ]
        indexes = [models.Index(fields=["school", "appraisal"], name="ballot_appraisal")]

    def __str__(self) -> str:
        return f"{self.appraisal_id}"

    STATUS_TONES: ClassVar[dict[str, str]] = {
        "open": "active",
        "counted": "done",
        "cancelled": "draft",
    }

    @property
    def status_tone(self) -> str:
        """Which of the five hues shows the status."""
        return self.STATUS_TONES[self.status]


class BallotSlip(TenantModel):
    """表决票 of one member present: whether it has been handed out and has voted, never what.

    Found by the blind index of its secret, which stands nowhere. No time is kept.
    """

    ballot = TenantForeignKey(Ballot, related_name="slips")
    # As `queue.seats_of` names the panel's seats.
    name = models.CharField("成员", max_length=72)
    secret_blind = BlindIndexField(null=True, unique=True)
    voted = models.BooleanField("已投票", default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["school", "ballot", "name"], name="ballotslip_once"),
            models.CheckConstraint(
                name="ballotslip_by_secret",
                condition=Q(voted=False) | Q(secret_blind__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ballot_id}"


class BallotCase(TenantModel):
    """One case of a ballot and how often each choice was voted for."""

    ballot = TenantForeignKey(Ballot, related_name="ballot_cases")
    case = TenantForeignKey(Case, related_name="ballot_cases")
    # The case's facts when voting began (`Case.evidence`): changed ones are voted on anew.
    evidence = models.CharField(max_length=64, blank=True)
    special = models.PositiveSmallIntegerField("特别困难", default=0)
    hard = models.PositiveSmallIntegerField("困难", default=0)
    general = models.PositiveSmallIntegerField("一般困难", default=0)
    none = models.PositiveSmallIntegerField("不困难", default=0)
    abstain = models.PositiveSmallIntegerField("弃权", default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["school", "ballot", "case"], name="ballotcase_once")
        ]
        indexes = [models.Index(fields=["school", "case"], name="ballotcase_case")]

    def __str__(self) -> str:
        return f"{self.case_id}"

    @property
    def cast(self) -> int:
        """How many members voted on the case, abstentions that were chosen included."""
        return self.special + self.hard + self.general + self.none + self.abstain


class BallotRecusal(TenantModel):
    """A member who stays away from one case of a ballot: of their own accord or the chair's."""

    slip = TenantForeignKey(BallotSlip, related_name="recusals")
    ballot_case = TenantForeignKey(BallotCase, related_name="recusals")
    reason = models.CharField("原因", max_length=96)
    # Not the member's to take back, unless the chair has given it back.
    by_chair = models.BooleanField("班主任登记", default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["school", "slip", "ballot_case"], name="ballotrecusal_once"
            ),
            models.CheckConstraint(name="ballotrecusal_said", condition=~Q(reason="")),
        ]

    def __str__(self) -> str:
        return f"{self.ballot_case_id}"


def without_order() -> int:
    """A key that says nothing of when its row came."""
    return secrets.randbelow(2**63 - 1) + 1


class BallotDevice(TenantModel):
    """How many slips of a ballot were voted on one device; no row says which of them."""

    id = models.BigIntegerField(primary_key=True, default=without_order, editable=False)
    ballot = TenantForeignKey(Ballot, related_name="devices")
    # `privacy.marks.mark_of` the ballot and the device's random cookie, never of what it is.
    mark = models.CharField(max_length=20)
    slips = models.PositiveSmallIntegerField("选票", default=1)
    # Somebody with an account was signed in on it when it voted.
    signed_in = models.BooleanField("登录着账号", default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["school", "ballot", "mark"], name="ballotdevice_once"),
            models.CheckConstraint(name="ballotdevice_marked", condition=~Q(mark="")),
        ]

    def __str__(self) -> str:
        return f"{self.ballot_id}"
