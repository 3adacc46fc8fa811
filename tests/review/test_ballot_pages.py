"""Pages of a blind vote: the head teacher's, and the member's who is signed in nowhere."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import Event
from review import actions, ballot_reading
from review.actions import voting
from review.models import Ballot, BallotRecusal, BallotSlip, Case, Tally
from schools.tenancy import set_scope
from tests.cast import Cast
from tests.cast import student as pupil
from tests.review import ballots, cases


@pytest.fixture(autouse=True)
def nobody_acts_for_a_page(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page finds its school by itself; between pages the test acts for school A again."""
    ask = Client.request

    def request(client: Client, **told: Any) -> Any:
        set_scope(None)
        answer = ask(client, **told)
        set_scope(cast.school.pk)
        return answer

    monkeypatch.setattr(Client, "request", request)


def secret_on(page: Any) -> str:
    found = re.search(r"/v/([\w-]+)/", page.content.decode())
    assert found
    return found.group(1)


def phone(secret: str) -> Client:
    """A phone that has scanned the slip."""
    client = Client()
    answer = client.get(reverse("ballot:enter", args=[secret]))
    assert (answer.status_code, answer["Location"]) == (302, "/v/")
    return client


def said(ballot: Ballot, choice: str, **more: str) -> dict[str, str]:
    return {f"vote_{row.pk}": choice for row in ballots.rows(ballot)} | more


def test_the_head_teacher_leads_a_vote_from_beginning_to_end(cast: Cast, sign_in: Any) -> None:
    appraisal = ballots.held(cast)
    teacher = sign_in(cast.head_teacher)
    page = reverse("review:ballot", args=[appraisal.pk])
    assert "3件" in teacher.get(page).content.decode().replace('<span class="nb">', "")
    here = [*ballots.STUDENTS, ballots.PARENT]
    answer = teacher.post(reverse("review:open_ballot", args=[appraisal.pk]), {"here": here})
    assert answer["Location"] == page
    ballot = Ballot.objects.get()
    for slip in BallotSlip.objects.order_by("pk")[:3]:
        shown = teacher.post(reverse("review:show_slip", args=[slip.pk]))
        assert shown["Cache-Control"] == "no-store"
        assert "至少3张才能收票" in teacher.get(page).content.decode()
        member = phone(secret_on(shown))
        assert member.post("/v/", {**said(ballot, "hard"), "do": "check"}).status_code == 200
        assert member.post("/v/", {**said(ballot, "hard"), "do": "send"}).status_code == 302
        assert "已投票" in member.get("/v/").content.decode()
    under_way = teacher.get(page).content.decode()
    assert "3/4" in under_way
    assert "1人计弃权，收票" in under_way
    assert "3票" not in under_way
    teacher.post(reverse("review:count_ballot", args=[ballot.pk]))
    assert "困难<span" in teacher.get(page).content.decode()
    assert set(Tally.objects.values_list("hard", "abstain")) == {(3, 1)}


def test_a_member_sees_codes_and_scores_and_neither_names_nor_words_of_the_family(
    cast: Cast,
) -> None:
    ballot = ballots.opened(cast)
    member = phone(ballots.handed_out(cast, ballot)[ballots.PARENT])
    page = member.get("/v/").content.decode()
    for row in ballots.rows(ballot):
        assert f"编号{row.case.code}" in page
        assert f"{row.case.points}" in page
        assert row.case.student.name not in page
    assert "年收入" not in page


def test_names_are_shown_where_the_school_so_decided(cast: Cast, sign_in: Any) -> None:
    appraisal = ballots.held(cast)
    sign_in(cast.head_teacher).post(
        reverse("review:open_ballot", args=[appraisal.pk]),
        {"here": [*ballots.STUDENTS], "shows_names": "on"},
    )
    ballot = Ballot.objects.get()
    secrets = ballots.handed_out(cast, ballot)
    page = phone(secrets[ballots.STUDENTS[0]]).get("/v/").content.decode()
    assert cast.a.students[0].name in page
    assert Event.objects.get(verb="ballot.open").facts["shows_names"] is True


def test_the_address_carries_the_secret_once_and_nothing_is_kept(cast: Cast) -> None:
    ballot = ballots.opened(cast)
    secret = ballots.handed_out(cast, ballot)[ballots.PARENT]
    client = Client()
    answer = client.get(reverse("ballot:enter", args=[secret]))
    cookie = answer.cookies["slip"]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == ("/v/", True, "Lax")
    page = client.get("/v/")
    assert secret not in page.content.decode()
    assert page["Cache-Control"] == "no-store"
    assert "noindex" in page["X-Robots-Tag"]
    # Looking votes for nothing.
    assert not BallotSlip.objects.filter(voted=True).exists()


def test_a_missing_choice_and_a_recusal_without_reason_are_told(cast: Cast) -> None:
    ballot = ballots.opened(cast)
    member = phone(ballots.handed_out(cast, ballot)[ballots.PARENT])
    one, *others = ballots.rows(ballot)
    given = {f"vote_{r.pk}": "hard" for r in others}
    told = member.post("/v/", given | {"do": "check"})
    assert told.status_code == 422
    assert f"编号{one.case.code}还没有选择" in told.content.decode()
    recusing = given | {f"vote_{one.pk}": "recuse"}
    told = member.post("/v/", recusing | {"do": "check"})
    assert f"编号{one.case.code}回避，请写原因" in told.content.decode()
    checked = member.post("/v/", recusing | {f"why_{one.pk}": "表哥", "do": "check"})
    assert "回避：表哥" in checked.content.decode()
    assert not BallotSlip.objects.filter(voted=True).exists()
    edited = member.post("/v/", recusing | {f"why_{one.pk}": "表哥", "do": "edit"})
    assert 'value="表哥"' in edited.content.decode()
    member.post("/v/", recusing | {f"why_{one.pk}": "表哥", "do": "send"})
    assert BallotRecusal.objects.get().slip.name == ballots.PARENT


def test_a_second_handing_in_is_told_plainly(cast: Cast) -> None:
    ballot = ballots.opened(cast)
    secret = ballots.handed_out(cast, ballot)[ballots.PARENT]
    one, other = phone(secret), phone(secret)
    one.post("/v/", {**said(ballot, "hard"), "do": "send"})
    answer = other.post("/v/", {**said(ballot, "none"), "do": "send"})
    assert answer.status_code == 409
    assert "这张票已经投过" in answer.content.decode()


def test_every_dead_address_gets_the_same_answer(cast: Cast, monkeypatch: Any) -> None:
    ballot = ballots.opened(cast)
    slip = ballot_reading.slips_of(ballot)[0]
    older = actions.hand_out(slip=slip, by=cast.head_teacher)
    actions.hand_out(slip=slip, by=cast.head_teacher)
    client = Client()
    answers = [client.get(reverse("ballot:enter", args=[s])) for s in (older, "x" * 24, "x")]
    assert {a.status_code for a in answers} == {404}
    # But for the form's own token, which is another one every time.
    assert len({re.sub(rb'"[\w]{64}"', b"", a.content) for a in answers}) == 1
    monkeypatch.setattr(voting, "MISSES", (voting.MISSES[0], 3))
    assert client.get(reverse("ballot:enter", args=["y"])).status_code == 429


def test_without_a_slip_there_is_a_plain_word(cast: Cast) -> None:
    page = Client().get("/v/")
    assert page.status_code == 200
    assert "请扫班主任出示的二维码" in page.content.decode()
    assert Client().post("/v/", {"do": "send"}).status_code == 200


def test_after_counting_the_slip_says_so(cast: Cast) -> None:
    ballot = ballots.opened(cast)
    secrets = ballots.handed_out(cast, ballot)
    *early, last = secrets.values()
    for secret in early:
        ballots.vote(secret, ballots.all_say(ballot, "hard"))
    late = phone(last)
    actions.count_ballot(ballot=ballot, by=cast.head_teacher)
    assert "已经收票" in late.get("/v/").content.decode()
    answer = late.post("/v/", {**said(ballot, "none"), "do": "send"})
    assert answer.status_code == 409


def test_slips_are_printed_for_who_has_not_voted(cast: Cast, sign_in: Any) -> None:
    ballot = ballots.opened(cast)
    secrets = ballots.handed_out(cast, ballot)
    ballots.vote(secrets[ballots.PARENT], ballots.all_say(ballot, "hard"))
    answer = sign_in(cast.head_teacher).post(reverse("review:print_slips", args=[ballot.pk]))
    assert answer.content.startswith(b"%PDF")
    # Those of before are dead, the one that has voted is not.
    assert [actions.slip_of(s) is None for s in secrets.values()].count(True) == 3
    assert Event.objects.filter(label="重发表决票").count() == 3


def test_recusals_are_recorded_by_the_head_teacher(cast: Cast, sign_in: Any) -> None:
    ballot = ballots.opened(cast)
    slip, row = ballot_reading.slips_of(ballot)[0], ballots.rows(ballot)[0]
    teacher, url = sign_in(cast.head_teacher), reverse("review:set_aside", args=[ballot.pk])
    assert teacher.post(url, {"slip": slip.pk, "ballot_case": row.pk}).status_code == 422
    given = {"slip": slip.pk, "ballot_case": row.pk, "reason": "表哥"}
    assert teacher.post(url, given).status_code == 302
    assert teacher.post(url, given).status_code == 409
    secret = ballots.handed_out(cast, ballot)[slip.name]
    assert "您回避这一件" in phone(secret).get("/v/").content.decode()


def test_the_class_page_stands_still_while_members_vote(cast: Cast, sign_in: Any) -> None:
    appraisal = ballots.held(cast)
    page = reverse("review:class_appraisal", args=[appraisal.round_id, appraisal.school_class_id])
    teacher = sign_in(cast.head_teacher)
    assert "或由成员用手机投票" in teacher.get(page).content.decode()
    ballot = ballots.opened(cast, appraisal)
    shown = teacher.get(page).content.decode()
    assert "正在手机投票" in shown
    assert 'id="tally"' not in shown
    for secret in ballots.handed_out(cast, ballot).values():
        ballots.vote(secret, ballots.all_say(ballot, "hard"))
    actions.count_ballot(ballot=ballot, by=cast.head_teacher)
    case = Case.objects.order_by("pk")[0]
    assert "票数不能改" in teacher.get(f"{page}?case={case.pk}").content.decode()
    told = {"hard": 0, "none": 4, "reason": "家中有重病患者"}
    teacher.post(reverse("review:tally", args=[appraisal.pk, case.pk]), told)
    kept = Tally.objects.get(case=case)
    assert (kept.hard, kept.none, kept.reason) == (4, 0, "家中有重病患者")


def test_the_printed_form_says_how_it_was_voted(
    cast: Cast, sign_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes: list[str] = []

    def told(template: str, values: dict[str, Any], **more: Any) -> bytes:
        notes.append(values["note"])
        return b""

    monkeypatch.setattr("review.views.panels.pdf", told)
    ballot = ballots.counted(cast)
    appraisal = ballot.appraisal
    form = reverse("review:appraisal_form", args=[appraisal.round_id, appraisal.school_class_id])
    teacher = sign_in(cast.head_teacher)
    teacher.get(form)
    assert notes[-1].endswith("表决方式：手机无记名投票")
    teacher.post(reverse("review:cancel_ballot", args=[ballot.pk]), {"reason": "二维码发错了人"})
    teacher.get(form)
    assert "手机无记名投票" not in notes[-1]
    assert notes[-1].endswith("作废一次投票：二维码发错了人")


def test_voided_figures_stay_on_the_page_with_their_reason(cast: Cast, sign_in: Any) -> None:
    ballot = ballots.counted(cast)
    page = reverse("review:ballot", args=[ballot.appraisal_id])
    told = {"reason": "二维码发错了人"}
    teacher = sign_in(cast.head_teacher)
    teacher.post(reverse("review:cancel_ballot", args=[ballot.pk]), told)
    for reader in (teacher, sign_in(cast.operator)):
        shown = reader.get(page).content.decode().replace('<span class="nb">', "")
        assert "作废：二维码发错了人" in shown
        assert shown.count("作废的票数，编号") == 3


def test_another_class_is_led_by_another(cast: Cast, sign_in: Any) -> None:
    ballot = ballots.opened(cast)
    slip = ballot_reading.slips_of(ballot)[0]
    stranger = sign_in(cast.b.head_teacher)
    for name, pk in (("ballot", ballot.appraisal_id), ("show_slip", slip.pk)):
        url = reverse(f"review:{name}", args=[pk])
        assert stranger.get(url).status_code in (404, 405)
        assert stranger.post(url).status_code in (404, 405)
    assert BallotSlip.objects.get(pk=slip.pk).secret_blind is None


@pytest.mark.parametrize("whose", ["member", "teacher", "counted"])
def test_pages_ask_as_often_for_thirty_cases_as_for_three(
    cast: Cast, sign_in: Any, whose: str
) -> None:
    def asked(ballot: Ballot) -> int:
        if whose == "member":
            client: Any = phone(ballots.handed_out(cast, ballot)[ballots.PARENT])
            url = "/v/"
        else:
            client, url = sign_in(cast.head_teacher), reverse("review:ballot", args=[held.pk])
        if whose == "counted":
            for secret in ballots.handed_out(cast, ballot).values():
                ballots.vote(secret, ballots.all_say(ballot, "hard"))
            actions.count_ballot(ballot=ballot, by=cast.head_teacher)
        client.get(url)
        with CaptureQueriesContext(
            connection,
        ) as found:
            assert client.get(url).status_code == 200
        return len(found)

    held = ballots.held(cast)
    few = ballots.opened(cast, held)
    n = asked(few)
    actions.cancel_ballot(ballot=few, reason="人没到齐", by=cast.head_teacher)
    for i in range(27):
        late = pupil(cast.a.school_class, f"钱样{i}")
        cases.hand_in(held.round, late, cast.head_teacher.person)
    actions.take_up(round_=held.round, by=cast.operator)
    many = ballots.opened(cast, held)
    assert len(ballots.rows(many)) == 30
    assert asked(many) <= n
