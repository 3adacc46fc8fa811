"""资助项目 by its pages: a bureau's from the form to the money, a school's own, who sees what."""

import re
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications import actions, navigation, queue
from applications.models import Programme, Round
from disbursement import actions as paying
from disbursement.models import Award
from review import actions as reviewing
from schools import clock
from schools.tenancy import set_scope
from tests.applications.policy import enacted, facts, seen
from tests.cast import Cast
from tests.disbursement import cases as money
from tests.review import cases as review

WINDOW_OVER, PAY_DAY = date(2026, 9, 9), money.PAY_DAY


def typed(**changes: Any) -> dict[str, Any]:
    """The form as a bureau fills it in."""
    rows = {"tiers": ("寄宿生", "888", "boarder"), "tiers2": ("走读生", "666.50", "day")}
    data: dict[str, Any] = {
        "name": "东区高中助学金",
        "basis": "东教资〔2026〕1号",
        "source": "local",
        "kind": "relief",
        "stage": "senior",
        "valid_from": "2026-09-01",
        "money_cadence": "per_term",
        "entry_cadence": "monthly",
        "quotas": "示范第一高级中学 20\n",
        "tiers-TOTAL_FORMS": "3",
        "tiers-INITIAL_FORMS": "0",
        "papers-TOTAL_FORMS": "1",
        "papers-INITIAL_FORMS": "0",
        "papers-0-label": "",
        "papers-0-kind": "",
        "papers-0-level": "should",
        "papers-0-exempt": "1",
    }
    for n, (label, amount, boarding) in enumerate(rows.values()):
        data |= {
            f"tiers-{n}-label": label,
            f"tiers-{n}-amount": amount,
            f"tiers-{n}-boarding": boarding,
        }
    return data | changes


def page(client: Client, name: str, *args: int) -> str:
    return client.get(reverse(f"applications:{name}", args=args)).content.decode()


def post(client: Client, name: str, *args: int, **data: Any) -> Any:
    return client.post(reverse(f"applications:{name}", args=args), data, follow=True)


def drafted_by_page(client: Client, **changes: Any) -> Programme:
    answer = client.post(reverse("applications:new_programme"), typed(**changes), follow=True)
    assert "的草稿已保存" in answer.content.decode()
    made: Programme = Programme.objects.exclude(managed_by=None).latest("pk")
    return made


def enacted_by_page(client: Client, programme: Programme, day: str = "2026-09-01") -> None:
    found = re.search(r'name="seen" value="(\w+)"', page(client, "programme", programme.pk))
    assert found
    post(client, "enact_programme", programme.pk, valid_from=day, seen=found[1])
    programme.refresh_from_db()
    assert programme.status == "enacted"


def test_a_bureaus_programme_goes_from_the_form_to_the_money(cast: Cast, sign_in: Any) -> None:
    programme = drafted_by_page(sign_in(cast.bureau_operator))
    set_scope(cast.district.pk)
    assert queue.facts_of(programme).quotas == ((cast.school.pk, 20),)
    enacted_by_page(sign_in(cast.bureau_reviewer), programme)
    school = sign_in(cast.operator)
    assert "东区高中助学金" in page(school, "rounds")
    opening = f"{reverse('applications:open_round')}?programme={programme.pk}"
    assert "名额" in school.get(opening).content.decode()
    window = {"opens_on": "2026-09-01", "workdays": "5"}
    post(school, "open_round", programme=programme.pk, **window)

    set_scope(cast.school.pk)
    round_ = Round.objects.get(programme=programme)
    first = cast.a.students[0]
    drafted = actions.draft_application(
        round_=round_, student=first, by=cast.head_teacher, reason="品学兼优"
    )
    actions.submit(application=drafted, by=cast.head_teacher)
    reviewing.take_up(round_=round_, by=cast.operator)
    reviewing.propose(round_=round_, by=cast.operator)
    review.office_phones(cast)
    reviewing.confirm_meeting(meeting=review.decided(cast, round_), by=cast.reviewer)
    notice = reviewing.draft_notice(round_=round_, by=cast.operator)
    reviewing.publish(notice=notice, by=cast.reviewer)
    with clock.at(WINDOW_OVER):
        reviewing.confirm_notice(notice=notice, by=cast.reviewer)
    with clock.at(PAY_DAY):
        tier = programme.tiers.get(label="走读生")
        its = money.Aid(cast.a, programme, tier, cast.term, round_, round_)
        money.card(its, first)
        money.fund(its)
        assert paying.grant_awards(round_=round_, by=cast.operator).total_fen == 66_650
        assert money.pay(its, money.draft(its)).status == "returned"
    assert Award.objects.get(student=first).amount_fen == 66_650


def test_another_districts_school_neither_sees_nor_opens_it(cast: Cast, sign_in: Any) -> None:
    programme = enacted(cast.bureau_operator, cast.bureau_reviewer)
    for stranger in (cast.c.operator, cast.other_bureau_operator):
        client = sign_in(stranger)
        assert "东区高中助学金" not in page(client, "programmes")
        assert client.get(reverse("applications:programme", args=[programme.pk])).status_code == 404
        assert post(client, "copy_programme", programme.pk).status_code == 404
    client = sign_in(cast.c.operator)
    assert "东区高中助学金" not in page(client, "rounds")
    assert post(client, "open_round", programme=programme.pk).status_code == 404
    set_scope(cast.c.school.pk)
    assert not Round.objects.filter(programme=programme).exists()


def test_a_draft_is_seen_by_its_own_authority_alone(cast: Cast, sign_in: Any) -> None:
    draft = drafted_by_page(sign_in(cast.bureau_operator))
    for other in (cast.operator, cast.city_operator):
        client = sign_in(other)
        assert draft.name not in page(client, "programmes")
        assert client.get(reverse("applications:programme", args=[draft.pk])).status_code == 404
        assert (
            client.get(reverse("applications:edit_programme", args=[draft.pk])).status_code == 404
        )


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"tiers-0-amount": "888.123"}, "角分最多两位小数"),
        ({"tiers-0-amount": "-1"}, "金额要大于0"),
        ({"tiers-0-amount": "0"}, "寄宿生的金额不对"),
        ({"tiers-0-amount": "99999999"}, "寄宿生的金额不对"),
        ({"tiers-0-amount": "好多"}, "请填数字"),
        ({"tiers-0-label": ""}, "id_tiers-0-label-error"),
        ({"quotas": "西区第二中学 5"}, "不在本单位所辖学校里"),
        ({"quotas": "示范第一高级中学"}, "第1行应为学校和名额"),
        ({"quotas": "3499000001 5\n示范第一高级中学 6"}, "第2行的学校重复了"),
        ({"years": ["5"]}, "普通高中只有3个年级"),
        ({"valid_to": "2025-01-01"}, "项目的截止日期早于开始日期"),
    ],
)
def test_what_makes_no_sense_stays_on_the_page(
    cast: Cast, sign_in: Any, changes: dict[str, Any], text: str
) -> None:
    answer = sign_in(cast.bureau_operator).post(
        reverse("applications:new_programme"), typed(**changes)
    )
    assert answer.status_code in (409, 422)
    shown = answer.content.decode()
    assert text in shown
    assert "东教资〔2026〕1号" in shown
    assert not Programme.objects.exclude(managed_by=None).exists()


def test_a_draft_that_somebody_changed_is_not_overwritten(cast: Cast, sign_in: Any) -> None:
    draft = drafted_by_page(sign_in(cast.bureau_operator))
    set_scope(cast.district.pk)
    before = seen(draft)
    client = sign_in(cast.bureau_operator)
    url = reverse("applications:edit_programme", args=[draft.pk])
    assert client.post(url, typed(name="甲", seen=before)).status_code == 302
    answer = client.post(url, typed(name="乙", seen=before))
    assert answer.status_code == 409
    assert "草稿刚刚被改过" in answer.content.decode()
    draft.refresh_from_db()
    assert draft.name == "甲"


def test_the_edit_page_shows_what_was_kept(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.bureau_operator)
    draft = drafted_by_page(client, years=["1", "2"])
    shown = page(client, "edit_programme", draft.pk)
    assert 'value="666.50"' in shown
    assert "示范第一高级中学 20" in shown
    set_scope(cast.district.pk)
    same = typed(years=["1", "2"], seen=seen(draft))
    client.post(reverse("applications:edit_programme", args=[draft.pk]), same)
    set_scope(cast.district.pk)
    before = queue.facts_of(draft)
    assert before.quotas
    draft.refresh_from_db()
    assert queue.facts_of(draft) == before


def test_the_nations_are_read_only_on_the_page(cast: Cast, sign_in: Any) -> None:
    national = Programme.objects.get(code="senior_grant")
    client = sign_in(cast.bureau_operator)
    shown = page(client, "programme", national.pk)
    assert "随软件载入，只读" in shown
    assert "定期终止" not in shown
    assert client.get(reverse("applications:edit_programme", args=[national.pk])).status_code == 404
    post(client, "copy_programme", national.pk)
    copy = Programme.objects.get(managed_by=cast.district)
    assert [t.amount_fen for t in copy.tiers.order_by("rank")] == [160_000, 115_000, 70_000]


def test_next_years_version_and_the_end_by_their_pages(cast: Cast, sign_in: Any) -> None:
    programme = enacted(cast.bureau_operator, cast.bureau_reviewer)
    maker = sign_in(cast.bureau_operator)
    post(maker, "copy_programme", programme.pk, **{"as": "next"})
    second = Programme.objects.get(follows=programme)
    assert second.valid_from == date(2027, 9, 1)
    post(maker, "discard_programme", second.pk)
    post(maker, "ask_end", programme.pk, last_day="2027-01-31", reason="经费用完")
    checker = sign_in(cast.bureau_reviewer)
    assert "待确认的终止" in page(checker, "programme", programme.pk)
    post(checker, "confirm_end", programme.pk)
    programme.refresh_from_db()
    assert (programme.status, programme.valid_to) == ("ended", date(2027, 1, 31))


def test_the_second_person_is_told_and_the_drafter_is_not(cast: Cast) -> None:
    set_scope(cast.district.pk)
    actions.draft_programme(facts=facts(), by=cast.bureau_operator)
    assert [t.title for t in navigation.todos(cast.bureau_reviewer)] == ["核对东区高中助学金"]
    assert navigation.todos(cast.bureau_operator) == []
    set_scope(cast.school.pk)
    assert not [t for t in navigation.todos(cast.reviewer) if "东区" in t.title]


def test_a_school_does_the_same_for_its_own_money(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.operator)
    own = drafted_by_page(client, source="social", name="校友助学金")
    enacted_by_page(sign_in(cast.reviewer), own)
    assert "校友助学金" in page(sign_in(cast.operator), "rounds")
    assert "校友助学金" not in page(sign_in(cast.b.operator), "programmes")


def test_queries_do_not_grow_with_programmes(cast: Cast, sign_in: Any) -> None:
    def counted(client: Client, name: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            page(client, name)
        return len(queries)

    counts = []
    for more in (1, 12):
        for n in range(more):
            enacted(cast.bureau_operator, cast.bureau_reviewer, name=f"项目{more}-{n}")
        counts.append([counted(sign_in(cast.bureau_operator), "programmes")])
        counts[-1].append(counted(sign_in(cast.operator), "rounds"))
    assert counts[0] == counts[1]


def test_pairs_are_shown_only_of_what_is_enacted_and_seen(cast: Cast, sign_in: Any) -> None:
    national = Programme.objects.get(code="senior_grant")
    pair: dict[str, Any] = {"source": "school", "exclusive": (national.pk,)}
    enacted(cast.operator, cast.reviewer, name="本校已启用项目", **pair)
    actions.draft_programme(facts=facts(name="本校草稿项目", **pair), by=cast.operator)
    told = {}
    for who in (cast.operator, cast.b.operator, cast.bureau_operator):
        body = page(sign_in(who), "programme", national.pk)
        told[who.pk] = ("本校已启用项目" in body, "本校草稿项目" in body)
    assert told == {
        cast.operator.pk: (True, False),
        cast.b.operator.pk: (False, False),
        cast.bureau_operator.pk: (True, False),
    }
    rounds = sign_in(cast.b.operator).get("/applications/rounds/?all=1").content.decode()
    assert national.name in rounds
    assert "本校已启用项目" not in rounds
    assert "本校草稿项目" not in rounds
