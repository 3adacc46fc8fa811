"""How many slips one device voted: counted for the checkers, joined to no slip and to no vote."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from review import actions, ballot_reading
from review.models import Ballot, BallotDevice
from schools.roles import Role
from schools.tenancy import set_scope
from tests.cast import Cast, appoint
from tests.racing import race
from tests.review import ballots
from tests.review.test_ballot_guards import refused
from tests.review.test_ballot_pages import said


def voted(client: Client, secret: str, choices: dict[str, str]) -> None:
    """Scan the slip with this device and hand it in."""
    set_scope(None)
    assert client.get(reverse("ballot:enter", args=[secret])).status_code == 302
    assert client.post("/v/", {**choices, "do": "send"}).status_code == 302


def shared(cast: Cast, *devices: Client) -> Ballot:
    """Four slips, each voted with the device given for it, and counted."""
    ballot = ballots.opened(cast)
    choices = said(ballot, "hard")
    for secret, device in zip(ballots.handed_out(cast, ballot).values(), devices, strict=True):
        voted(device, secret, choices)
        set_scope(cast.school.pk)
    return actions.count_ballot(ballot=ballot, by=cast.head_teacher).ballot


def test_slips_of_one_device_are_counted_and_no_slip_or_vote_is_named(cast: Cast) -> None:
    one, other = Client(), Client()
    ballot = shared(cast, one, one, one, other)
    told = ballot_reading.shared_devices([ballot])
    assert told.text == "3张选票来自同一设备"
    assert sorted(BallotDevice.objects.values_list("slips", flat=True)) == [1, 3]
    # Nothing leads from a device to a slip or to a case's figures, and no moment is kept.
    fields = {f.name for f in BallotDevice._meta.get_fields()}
    assert fields == {"id", "school", "ballot", "mark", "slips", "signed_in"}
    assert one.cookies["device"].value not in str(list(BallotDevice.objects.values_list("mark")))


def test_devices_have_no_order(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    # The keys fall while the slips come: neither they nor the places of the rows follow the slips.
    keys = iter((4, 3, 2, 1))
    key = BallotDevice._meta.get_field("id")
    monkeypatch.setattr(key, "_get_default", lambda: next(keys))
    shared(cast, *(Client() for _ in range(4)))
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM review_ballotdevice ORDER BY ctid")
        assert [row[0] for row in cursor.fetchall()] == [1, 2, 3, 4]


def test_the_keys_of_devices_are_random(cast: Cast) -> None:
    shared(cast, *(Client() for _ in range(4)))
    keys = list(BallotDevice.objects.values_list("pk", flat=True))
    assert len(set(keys)) == 4
    assert min(keys) > 2**40


def test_a_device_each_raises_no_question(cast: Cast) -> None:
    ballot = shared(cast, *(Client() for _ in range(4)))
    assert ballot_reading.shared_devices([ballot]).text == ""


def test_the_mark_is_another_in_every_ballot(cast: Cast) -> None:
    one = Client()
    first = shared(cast, one, one, one, one)
    actions.cancel_ballot(ballot=first, reason="票数有误", by=cast.head_teacher)
    again = ballots.opened(cast, first.appraisal)
    voted(one, ballots.handed_out(cast, again)[ballots.PARENT], said(again, "hard"))
    set_scope(cast.school.pk)
    assert BallotDevice.objects.values("mark").distinct().count() == 2


def test_nothing_is_told_while_members_vote(cast: Cast) -> None:
    ballot = ballots.opened(cast)
    one = Client()
    choices = said(ballot, "hard")
    for secret in list(ballots.handed_out(cast, ballot).values())[:2]:
        voted(one, secret, choices)
        set_scope(cast.school.pk)
    assert BallotDevice.objects.get().slips == 2
    assert ballot_reading.shared_devices([ballot]).text == ""


def test_a_device_on_which_somebody_is_signed_in_is_told(cast: Cast, sign_in: Any) -> None:
    teacher = sign_in(cast.head_teacher)
    ballot = shared(cast, teacher, teacher, Client(), Client())
    assert ballot_reading.shared_devices([ballot]).text == (
        "2张选票来自同一设备，2张选票在登录着本系统账号的设备上投出"
    )


def test_a_phone_without_the_cookie_votes_as_well(cast: Cast) -> None:
    ballot = ballots.everybody_voted(cast)
    assert not BallotDevice.objects.exists()
    actions.count_ballot(ballot=ballot, by=cast.head_teacher)


@pytest.mark.parametrize("role", ["reviewer", "leader", "operator", "committee", "head_teacher"])
def test_the_checkers_alone_are_told(cast: Cast, sign_in: Any, role: str) -> None:
    one = Client()
    appraisal = shared(cast, one, one, one, Client()).appraisal
    told = role in ("reviewer", "leader")
    client = sign_in(getattr(cast.a, role))
    of_class = reverse(
        "review:class_appraisal", args=[appraisal.round_id, appraisal.school_class_id]
    )
    for page in (reverse("review:ballot", args=[appraisal.pk]), of_class):
        text = client.get(page).text.replace('<span class="nb">', "").replace("</span>", "")
        assert ("3张选票来自同一设备" in text) is told


def test_an_auditor_is_not_told(cast: Cast, sign_in: Any) -> None:
    one = Client()
    appraisal = shared(cast, one, one, one, Client()).appraisal
    auditor = appoint("督查", cast.school, Role.AUDITOR, "auditor-a")
    assert (
        "同一设备" not in sign_in(auditor).get(reverse("review:ballot", args=[appraisal.pk])).text
    )


def test_the_database_takes_no_other_numbers(cast: Cast) -> None:
    ballot = ballots.opened(cast)
    secrets = list(ballots.handed_out(cast, ballot).values())
    choices = ballots.all_say(ballot, "hard")
    actions.hand_in(slip=ballots.slip(secrets[0]), choices=choices, device="d")
    refused("devices of ballot", "UPDATE review_ballotdevice SET slips = slips + 1")
    for statement in (
        "UPDATE review_ballotdevice SET slips = slips - 1",
        "UPDATE review_ballotdevice SET mark = 'x'",
        "DELETE FROM review_ballotdevice",
        "INSERT INTO review_ballotdevice (school_id, ballot_id, mark, slips, signed_in)"
        " SELECT school_id, ballot_id, 'x', 2, false FROM review_ballotdevice",
    ):
        refused("slip by slip", statement)
    for secret in secrets[1:3]:
        ballots.vote(secret, choices)
    actions.count_ballot(ballot=ballot, by=cast.head_teacher)
    refused("slip by slip", "UPDATE review_ballotdevice SET slips = slips + 1")


@pytest.mark.race
def test_slips_of_one_device_at_once_are_all_counted(committed: Cast) -> None:
    ballot = ballots.opened(committed)
    slips = [ballots.slip(s) for s in ballots.handed_out(committed, ballot).values()]
    choices = ballots.all_say(ballot, "hard")
    found = race(
        lambda i: actions.hand_in(slip=slips[i % 4], choices=choices, device="one"),
        organisation=committed.school,
    )
    assert found == {"won": 4, "Refused": 60}
    assert BallotDevice.objects.get().slips == 4
