"""回避 of one case in a class panel: who was counted makes its tally smaller, nobody else."""

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from audit.models import Event
from audit.refusal import Refused
from review import actions, queue
from review.models import Appraisal, Case, Tally, TallyRecusal
from tests.cast import Cast
from tests.cast import student as pupil
from tests.database import without
from tests.review import cases


def refusal(error: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [r.text for r in error.value.reasons]


def held(cast: Cast, *, present: int = 9, members: str = "") -> tuple[Appraisal, Case]:
    round_ = cases.taken_up(cast)
    appraisal = actions.hold_appraisal(
        round_=round_,
        school_class=cast.a.school_class,
        held_on=date(2026, 9, 1),
        expected=9,
        present=present,
        members=members,
        by=cast.head_teacher,
    )
    return appraisal, Case.objects.order_by("pk")[0]


def tally(cast: Cast, appraisal: Appraisal, case: Case, hard: int, **recused: str) -> Tally:
    return actions.tally(
        appraisal=appraisal,
        case=case,
        by=cast.head_teacher,
        special=0,
        hard=hard,
        general=0,
        none=0,
        recused=recused,
    )


def test_who_withdraws_from_a_case_makes_its_tally_smaller(cast: Cast) -> None:
    appraisal, case = held(cast)
    with pytest.raises(Refused) as error:
        tally(cast, appraisal, case, 9, 张样泽="表哥")
    assert refusal(error) == ["共9票，实到9人，这一件回避1人，票数不一致"]
    kept = tally(cast, appraisal, case, 8, 张样泽="表哥")
    assert list(kept.recusals.values_list("name", "reason")) == [("张样泽", "表哥")]
    # The next case is voted on by all nine.
    other = Case.objects.order_by("pk")[1]
    assert tally(cast, appraisal, other, 9).recusals.count() == 0


def test_votes_recorded_again_bring_their_own_recusals(cast: Cast) -> None:
    appraisal, case = held(cast)
    tally(cast, appraisal, case, 7, 张样泽="表哥", 李样宁="姐姐")
    kept = tally(cast, appraisal, case, 9)
    assert kept.recusals.count() == 0
    told = Event.objects.filter(verb="appraisal.tally").order_by("pk")
    assert [e.facts["recused"] for e in told] == [2, 0]


def test_a_recusal_names_a_member_and_a_reason_and_leaves_somebody(cast: Cast) -> None:
    appraisal, case = held(cast, present=1)
    with pytest.raises(Refused) as error:
        tally(cast, appraisal, case, 0, 张样泽=" ")
    assert refusal(error) == [
        "回避要写谁和原因",
        "到会成员都回避了，这一件没有人表决",
    ]
    actions.form_panel(
        round_=appraisal.round,
        school_class=cast.a.school_class,
        by=cast.head_teacher,
        students=[pupil(cast.a.school_class, "周样可").pk],
    )
    with pytest.raises(Refused) as error:
        tally(cast, appraisal, case, 0, 王某="舅舅")
    assert "王某不是评议小组成员" in refusal(error)


def test_the_database_counts_the_votes_too(committed: Cast) -> None:
    appraisal, case = held(committed)
    kept = tally(committed, appraisal, case, 8, 张样泽="表哥")
    # A vote of the member who withdrew, and a recusal after all have voted.
    with pytest.raises(IntegrityError, match="tally_adds_up"), transaction.atomic():
        Tally.objects.filter(pk=kept.pk).update(hard=9)
    with pytest.raises(IntegrityError, match="tally_adds_up"), transaction.atomic():
        TallyRecusal.objects.create(
            school=committed.school, tally=kept, name="李样宁", reason="姐姐"
        )
    with pytest.raises(IntegrityError, match="tally_adds_up"), transaction.atomic():
        kept.recusals.all().delete()


def test_without_the_trigger_the_vote_would_count(committed: Cast) -> None:
    with without("review_tally", triggers=True):
        appraisal, case = held(committed)
        kept = tally(committed, appraisal, case, 8, 张样泽="表哥")
        with transaction.atomic():
            assert Tally.objects.filter(pk=kept.pk).update(hard=9) == 1


def write_present(appraisal: Appraisal, present: int) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE review_appraisal SET present = %s WHERE id = %s", [present, appraisal.pk]
        )


def counted_present() -> int:
    return Appraisal.objects.values_list("present", flat=True).get()


def test_who_was_there_is_not_changed_under_counted_votes(committed: Cast) -> None:
    appraisal, case = held(committed)
    # Before anybody voted it may be corrected.
    write_present(appraisal, 8)
    appraisal.refresh_from_db()
    kept = tally(committed, appraisal, case, 7, 张样泽="表哥")
    for present in (7, 9):
        with pytest.raises(IntegrityError, match="has 7 votes, not"):
            write_present(appraisal, present)
    assert counted_present() == 8
    # Both corrected in one go agree again, and what does not change is not asked.
    with transaction.atomic():
        write_present(appraisal, 9)
        Tally.objects.filter(pk=kept.pk).update(hard=8)
    write_present(appraisal, 9)
    assert counted_present() == 9


def test_without_its_trigger_the_votes_would_no_longer_agree(committed: Cast) -> None:
    with without("review_appraisal", triggers=True):
        appraisal, case = held(committed)
        tally(committed, appraisal, case, 9)
        write_present(appraisal, 8)
        assert counted_present() == 8


def test_the_class_page_takes_them_and_shows_no_applicant(cast: Cast, sign_in: Any) -> None:
    appraisal, case = held(cast)
    actions.form_panel(
        round_=appraisal.round,
        school_class=cast.a.school_class,
        by=cast.head_teacher,
        students=[pupil(cast.a.school_class, "周样可").pk],
        others=[("parent", "张样泽")],
    )
    client = sign_in(cast.head_teacher)
    url = reverse("review:tally", args=[appraisal.pk, case.pk])
    page = reverse("review:class_appraisal", args=[appraisal.round_id, cast.a.school_class.pk])
    assert client.post(url, {"hard": 8, "recused_1": "王某", "why_1": "舅舅"}).status_code == 422
    assert client.post(url, {"hard": 8, "recused_1": "张样泽"}).status_code == 409
    told = {"hard": 8, "recused_1": "张样泽", "why_1": "堂兄"}
    assert client.post(url, told).status_code == 302
    text = client.get(page).text
    assert "张样泽回避" in text
    assert "堂兄" not in text
    # Opened again, the boxes hold what was told.
    assert 'value="堂兄"' in client.get(f"{page}?case={case.pk}").text
    assert (
        "张样泽（堂兄）" in sign_in(cast.operator).get(reverse("review:case", args=[case.pk])).text
    )


# ----------------------------------------------------------- the chair, and who stayed away


def seat(appraisal: Appraisal, cast: Cast, *others: tuple[str, str]) -> None:
    actions.form_panel(
        round_=appraisal.round,
        school_class=cast.a.school_class,
        by=cast.head_teacher,
        students=[pupil(cast.a.school_class, "周样可").pk],
        size_reason="班额小",
        others=others,
    )


def test_a_chair_without_a_seat_takes_no_vote_away(committed: Cast) -> None:
    appraisal, case = held(committed)
    seat(appraisal, committed)
    with pytest.raises(Refused) as error:
        tally(committed, appraisal, case, 8, 班主任a="姑姑")
    assert refusal(error) == ["共8票，实到9人，票数不一致"]
    kept = tally(committed, appraisal, case, 9, 班主任a="姑姑")
    assert [str(one) for one in kept.recusals.all()] == ["班主任a（不在实到人数里）"]
    told = Event.objects.get(verb="appraisal.tally").facts
    assert (told["recused"], told["uncounted"]) == (1, 1)
    # Beside her a member who was there withdraws too.
    assert tally(committed, appraisal, case, 8, 班主任a="姑姑", 周样可="表哥").cast == 8


def test_a_chair_without_a_panel_takes_none_away_either(cast: Cast) -> None:
    appraisal, case = held(cast)
    assert tally(cast, appraisal, case, 9, 班主任a="姑姑").recusals.count() == 1


def test_a_chair_named_among_the_members_takes_hers_away(cast: Cast) -> None:
    appraisal, case = held(cast, members="周样可、班主任a")
    assert tally(cast, appraisal, case, 8, 班主任a="姑姑").recusals.get().counted


def test_a_chair_seated_as_a_teacher_has_one_seat_and_vote(cast: Cast) -> None:
    appraisal, case = held(cast)
    seat(appraisal, cast, ("teacher", "班主任a"))
    assert list(queue.seats_of(appraisal)) == ["班主任a", "周样可"]
    assert tally(cast, appraisal, case, 8, 班主任a="姑姑").recusals.get().counted


def test_a_parent_of_her_name_is_not_the_chair(cast: Cast) -> None:
    appraisal, case = held(cast, members="周样可、班主任a")
    seat(appraisal, cast, ("parent", "班主任a"))
    assert list(queue.seats_of(appraisal)) == ["班主任a", "周样可", "班主任a（2）"]
    told = {"班主任a": "姑姑", "班主任a（2）": "叔父"}
    assert tally(cast, appraisal, case, 8, **told).recusals.filter(counted=False).count() == 1


def test_who_stayed_away_is_not_subtracted_twice(committed: Cast) -> None:
    appraisal, case = held(committed, present=8)
    votes: dict[str, Any] = dict.fromkeys(("special", "general", "none"), 0)

    def told(hard: int, *absent: str) -> Tally:
        return actions.tally(
            appraisal=appraisal,
            case=case,
            by=committed.head_teacher,
            hard=hard,
            recused={"张样泽": "表哥", "李样宁": "姐姐"},
            absent=absent,
            **votes,
        )

    with pytest.raises(Refused) as error:
        told(8, "张样泽", "李样宁")
    assert refusal(error) == ["没有到会的回避2人，评议小组只有1人没有到会"]
    kept = told(7, "张样泽")
    assert list(kept.recusals.order_by("pk").values_list("counted", flat=True)) == [False, True]
    # The database counts likewise.
    with pytest.raises(IntegrityError, match="has 7 votes, not 6"), transaction.atomic():
        kept.recusals.update(counted=True)
    with transaction.atomic():
        kept.recusals.filter(counted=False).delete()
    assert TallyRecusal.objects.count() == 1


def test_the_page_asks_whether_the_member_came(cast: Cast, sign_in: Any) -> None:
    appraisal, case = held(cast, present=8)
    seat(appraisal, cast, ("parent", "张样泽"))
    client = sign_in(cast.head_teacher)
    url = reverse("review:tally", args=[appraisal.pk, case.pk])
    told = {"hard": 8, "recused_1": "张样泽", "why_1": "堂兄"}
    assert client.post(url, told).status_code == 409
    chair = {"recused_2": "班主任a", "why_2": "姑姑"}
    assert client.post(url, told | chair | {"absent_1": "on"}).status_code == 302
    page = reverse("review:class_appraisal", args=[appraisal.round_id, cast.a.school_class.pk])
    assert "张样泽（不在实到人数里）" in client.get(page).text
    again = client.get(f"{page}?case={case.pk}").context["form"]
    assert [absent.value() for _, _, absent in again.recusal_rows()] == [True, False, None]
