"""What the database itself holds a blind vote to, asked in raw SQL as the application's role."""

from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from review import actions, ballot_reading
from review.actions.ballots import blind_secret
from review.models import Ballot, Tally
from schools.scope import shown_by
from schools.tenancy import set_scope
from tests.cast import Cast
from tests.database import without
from tests.review import ballots

ALL = 'special, hard, general, "none", abstain'


def refused(guard: str, statement: str, *values: object) -> None:
    """Refused by this guard, at the latest when the transaction would end."""
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run("SET CONSTRAINTS ALL DEFERRED")
    with pytest.raises(IntegrityError) as error:
        attempt(statement, *values)
    assert guard in str(error.value)


def attempt(statement: str, *values: object) -> None:
    with transaction.atomic():
        run(statement, *values)
        run("SET CONSTRAINTS ALL IMMEDIATE")


def run(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def test_figures_rise_with_a_slip_and_never_fall(cast: Cast) -> None:
    ballot = ballots.opened(cast)
    for secret in list(ballots.handed_out(cast, ballot).values())[:2]:
        ballots.vote(secret, ballots.all_say(ballot, "hard"))
    refused("figures of ballot", "UPDATE review_ballotcase SET general = general + 1")
    refused(
        "rise by one vote", "UPDATE review_ballotcase SET hard = hard - 1, general = general + 1"
    )
    refused("rise by one vote", "UPDATE review_ballotcase SET hard = hard + 2")
    refused("rise by one vote", "DELETE FROM review_ballotcase")
    refused("rise by one vote", "UPDATE review_ballotcase SET evidence = 'other'")
    # A slip that votes without figures is found out as well.
    refused("figures of ballot", "UPDATE review_ballotslip SET voted = true")


def test_a_slip_stands(cast: Cast) -> None:
    ballot = ballots.opened(cast)
    secrets = ballots.handed_out(cast, ballot)
    ballots.vote(secrets[ballots.PARENT], ballots.all_say(ballot, "hard"))
    for statement in (
        "UPDATE review_ballotslip SET voted = false",
        "UPDATE review_ballotslip SET secret_blind = NULL WHERE voted",
        "UPDATE review_ballotslip SET name = 'x'",
        "DELETE FROM review_ballotslip",
    ):
        refused("a slip votes once", statement)


def test_a_slip_does_not_vote_without_its_secret(cast: Cast) -> None:
    ballots.opened(cast)
    refused("ballotslip_by_secret", "UPDATE review_ballotslip SET voted = true")


def test_nothing_is_voted_after_the_end(cast: Cast) -> None:
    ballot = ballots.opened(cast)
    for secret in list(ballots.handed_out(cast, ballot).values())[:3]:
        ballots.vote(secret, ballots.all_say(ballot, "hard"))
    actions.count_ballot(ballot=ballot, by=cast.head_teacher)
    refused("rise by one vote", "UPDATE review_ballotcase SET general = general + 1")
    refused("a slip votes once", "UPDATE review_ballotslip SET voted = true")
    refused(
        "a slip votes once",
        "INSERT INTO review_ballotslip (school_id, ballot_id, name, voted)"
        " SELECT school_id, id, 'x', false FROM review_ballot",
    )
    for statement in (
        "UPDATE review_ballot SET status = 'open'",
        "UPDATE review_ballot SET shows_names = true",
        "DELETE FROM review_ballot",
    ):
        refused("stands", statement)


def test_a_recusal_is_said_in_time_and_stands(cast: Cast) -> None:
    ballot = ballots.opened(cast)
    secrets = ballots.handed_out(cast, ballot)
    one, *others = ballots.rows(ballot)
    ballots.vote(secrets[ballots.PARENT], {r.pk: "hard" for r in others}, {one.pk: "表哥"})
    slip = ballots.slip(secrets[ballots.PARENT])
    again = (
        "INSERT INTO review_ballotrecusal (school_id, slip_id, ballot_case_id, reason)"
        " VALUES (%s, %s, %s, 'x')"
    )
    refused("before the slip votes", again, slip.school_id, slip.pk, others[0].pk)
    # Taken back without the vote on that case, the figures no longer add up.
    refused("figures of ballot", "DELETE FROM review_ballotrecusal")
    refused("before the slip votes", "UPDATE review_ballotrecusal SET reason = 'x'")
    for name in ballots.STUDENTS:
        ballots.vote(secrets[name], ballots.all_say(ballot, "hard"))
    actions.count_ballot(ballot=ballot, by=cast.head_teacher)
    refused("before the slip votes", "DELETE FROM review_ballotrecusal")


def test_a_tally_is_what_was_voted(cast: Cast) -> None:
    ballots.counted(cast)
    refused("not what was voted", "UPDATE review_tally SET hard = 3, general = 1")
    refused("not what was voted", "UPDATE review_tally SET ballot_id = NULL")
    refused(
        "not what was voted",
        "INSERT INTO review_tallyrecusal (school_id, tally_id, name, reason, counted)"
        " SELECT school_id, id, '赵样甲', 'x', false FROM review_tally",
    )
    # Nor deleted and entered by hand.
    refused(
        "not what was voted",
        f"WITH gone AS (DELETE FROM review_tally RETURNING *)"
        f" INSERT INTO review_tally (school_id, appraisal_id, case_id, reason, {ALL})"
        " SELECT school_id, appraisal_id, case_id, '', 4, 0, 0, 0, 0 FROM gone",
    )
    # The reason is the head teacher's.
    run("UPDATE review_tally SET reason = '家中有重病患者'")
    run("SET CONSTRAINTS ALL IMMEDIATE")


def test_a_cancelled_ballot_leaves_no_tally(cast: Cast) -> None:
    ballots.counted(cast)
    refused(
        "of a ballot that was cancelled",
        "UPDATE review_ballot SET status = 'cancelled', cancel_at = count_at,"
        " cancel_by_id = count_by_id, cancel_reason = 'x'",
    )


BY_HAND = (
    f"INSERT INTO review_tally (school_id, appraisal_id, case_id, reason, {ALL})"
    " SELECT b.school_id, b.appraisal_id, c.case_id, '', 0, 4, 0, 0, 0"
    " FROM review_ballot b JOIN review_ballotcase c ON c.ballot_id = b.id"
)


def test_voided_figures_are_not_replaced_by_hand_without_consent(cast: Cast) -> None:
    ballot = ballots.counted(cast)
    actions.cancel_ballot(ballot=ballot, reason="发错了票", by=cast.head_teacher)
    refused("not what was voted", BY_HAND)
    actions.allow_paper(ballot=ballot, reason="只有2人能到会", by=cast.reviewer)
    attempt(BY_HAND)
    assert Tally.objects.filter(ballot=None, hard=4).count() == 3


def allowed(cast: Cast) -> None:
    """Counted, voided by one, and paper allowed by another."""
    ballot = ballots.counted(cast)
    actions.cancel_ballot(ballot=ballot, reason="发错了票", by=cast.head_teacher)
    actions.allow_paper(ballot=ballot, reason="只有2人能到会", by=cast.reviewer)


UNSAID = (
    "UPDATE review_ballot SET paper_by_id = NULL, paper_at = NULL, paper_reason = ''",
    "UPDATE review_ballot SET paper_reason = '换一个原因'",
    "UPDATE review_ballot SET paper_at = paper_at + interval '1 day'",
    "UPDATE review_ballot SET cancel_reason = '换一个原因'",
    "UPDATE review_ballot SET cancel_by_id = opened_by_id + 1",
    "UPDATE review_ballot SET count_at = count_at + interval '1 day'",
)


@pytest.mark.parametrize("statement", UNSAID)
def test_what_was_said_of_a_ballot_stands(cast: Cast, statement: str) -> None:
    allowed(cast)
    refused("stands", statement)


def test_figures_are_not_made_uncounted_to_be_replaced_by_hand(cast: Cast) -> None:
    ballot = ballots.counted(cast)
    actions.cancel_ballot(ballot=ballot, reason="发错了票", by=cast.head_teacher)
    refused("stands", "UPDATE review_ballot SET count_by_id = NULL, count_at = NULL")


def test_without_the_trigger_the_consent_could_be_unsaid(committed: Cast) -> None:
    allowed(committed)
    with without("review_ballot", triggers=True):
        attempt(UNSAID[0])
        assert not Ballot.objects.exclude(paper_at=None).exists()


def test_a_vote_voided_before_it_was_counted_needs_none(cast: Cast) -> None:
    ballot = ballots.everybody_voted(cast)
    actions.cancel_ballot(ballot=ballot, reason="发错了票", by=cast.head_teacher)
    attempt(BY_HAND)
    assert Tally.objects.filter(ballot=None).count() == 3


def test_without_the_trigger_they_would_be(committed: Cast) -> None:
    with without("review_tally", triggers=True):
        ballot = ballots.counted(committed)
        actions.cancel_ballot(ballot=ballot, reason="发错了票", by=committed.head_teacher)
        attempt(BY_HAND)
        assert Tally.objects.filter(ballot=None).count() == 3


def test_a_ballot_is_open_once(cast: Cast) -> None:
    ballots.opened(cast)
    refused(
        "ballot_open_once",
        "INSERT INTO review_ballot (school_id, appraisal_id, status, shows_names,"
        " opened_by_id, opened_at, cancel_reason, paper_reason) SELECT school_id, appraisal_id,"
        " 'open', false, opened_by_id, opened_at, '', '' FROM review_ballot",
    )


def test_a_phone_sees_its_own_slip_and_no_other_row(cast: Cast) -> None:
    ballot = ballots.opened(cast)
    secrets = ballots.handed_out(cast, ballot)
    set_scope(None)
    assert seen("review_ballotslip") == 0
    with shown_by("aid.slip", blind_secret(secrets[ballots.PARENT]).hex()):
        assert seen("review_ballotslip") == 1
        assert [seen(t) for t in ("review_ballot", "review_ballotcase", "review_case")] == [0] * 3
        with connection.cursor() as cursor:
            cursor.execute("UPDATE review_ballotslip SET name = 'x'")
            assert cursor.rowcount == 0
    with shown_by("aid.slip", blind_secret("guessed").hex()):
        assert seen("review_ballotslip") == 0
    assert seen("review_ballotslip") == 0


def test_another_school_cannot_write_into_a_ballot(cast: Cast) -> None:
    ballot = ballots.opened(cast)
    set_scope(cast.b.school.pk)
    assert seen("review_ballotcase") == 0
    insert = (
        "INSERT INTO review_ballotslip (school_id, ballot_id, name, voted)"
        " VALUES (%s, %s, 'x', false)"
    )
    for school in (cast.a.school, cast.b.school):
        with pytest.raises((IntegrityError, ProgrammingError)), transaction.atomic():
            run(insert, school.pk, ballot.pk)


def seen(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return int(cursor.fetchone()[0])


def test_afterwards_nothing_says_who_voted_last(cast: Cast) -> None:
    ballots.counted(cast)
    written = set()
    for table in ("review_ballotcase", "review_ballotslip"):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT ctid::text, xmin::text FROM {table}")
            rows = cursor.fetchall()
        written |= {xmin for _, xmin in rows}
        assert len({ctid for ctid, _ in rows}) == len(rows)
    assert len(written) == 1
    assert ballot_reading.turnout(Ballot.objects.get()).voted == 4
    assert Tally.objects.count() == 3
