"""量化评估表: copied, changed, tried, enacted by another person, and only for rounds to come."""

import re
from copy import deepcopy
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from applications.models import Round
from audit.refusal import Refused
from review import actions, governing
from review.models import Case, ScoringScheme
from review.scheme_form import SchemeForm
from review.soundness import why_misnamed, why_unsound
from review.trial import Trial, trial
from schools import clock
from schools.models import Term
from schools.tenancy import set_scope
from tests.cast import Cast
from tests.database import without
from tests.racing import race, unguarded
from tests.review import cases

TOMORROW = date(2026, 9, 2)


def stricter(scheme: ScoringScheme, **starts: int) -> dict[str, Any]:
    """The table with other thresholds."""
    table: dict[str, Any] = deepcopy(scheme.rules)
    for threshold in table["thresholds"]:
        threshold["from"] = starts.get(threshold["grade"], threshold["from"])
    return table


def refusal(error: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [r.text for r in error.value.reasons]


def test_a_trial_says_whose_advice_would_change_and_writes_nothing(cast: Cast) -> None:
    round_ = cases.taken_up(cast)
    before = list(Case.objects.order_by("pk").values("points", "advised_grade"))
    draft = actions.copy_scheme(organisation=cast.school, by=cast.operator)
    assert trial(draft, round_) == Trial(3, [], 0)
    actions.edit_scheme(scheme=draft, table=stricter(draft, hard=45), by=cast.operator)
    draft.refresh_from_db()
    found = trial(draft, round_)
    tried, [changed] = found.tried, found.changes
    assert (tried, changed.before, changed.after) == (3, "困难", "一般困难")
    assert (changed.points_before, changed.points_after) == (40, 40)
    assert changed.code == Case.objects.get(student=cast.a.students[0]).code
    assert list(Case.objects.order_by("pk").values("points", "advised_grade")) == before


def test_the_page_tries_it_on_last_years_applications(cast: Cast, sign_in: Any) -> None:
    last = cases.open_round(cast.a, Term.objects.get(code="2025-1"))
    cases.hand_in(last, cast.a.students[0], cast.head_teacher.person, income_yuan=12_000)
    actions.take_up(round_=last, by=cast.operator)
    closed = {"status": "closed", "close_at": clock.now(), "close_by": cast.operator.person}
    Round.objects.filter(pk=last.pk).update(**closed)
    cases.taken_up(cast)
    draft = actions.copy_scheme(organisation=cast.school, by=cast.operator)
    actions.edit_scheme(scheme=draft, table=stricter(draft, hard=45), by=cast.operator)
    page = sign_in(cast.operator).get(reverse("review:scheme", args=[draft.pk]))
    assert (page.context["tried_on"], page.context["tried"], page.context["changed"]) == (
        last,
        1,
        1,
    )


def test_the_drafter_does_not_enact_it(cast: Cast) -> None:
    draft = actions.copy_scheme(organisation=cast.school, by=cast.operator)
    with pytest.raises(Refused) as error:
        actions.enact_scheme(scheme=draft, valid_from=date(2026, 9, 1), by=cast.operator)
    assert refusal(error) == [
        "启用评估表由审核人或分管领导办理",
        "不能启用评估表自己经办的事",
        "启用日期应在今天以后",
    ]
    enacted = actions.enact_scheme(scheme=draft, valid_from=TOMORROW, by=cast.reviewer)
    assert enacted.status == "enacted"
    with pytest.raises(IntegrityError, match="scheme_second_person"), transaction.atomic():
        ScoringScheme.objects.filter(pk=draft.pk).update(enact_by=cast.operator.person)


def test_a_round_is_scored_by_what_was_in_force_when_it_opened(cast: Cast) -> None:
    draft = actions.copy_scheme(organisation=cast.school, by=cast.operator)
    round_ = cases.open_round(cast.a, cast.term)
    actions.enact_scheme(scheme=draft, valid_from=TOMORROW, by=cast.reviewer)
    with clock.at(date(2026, 9, 4)):
        cases.hand_in(round_, cast.a.students[0], cast.head_teacher.person)
        actions.take_up(round_=round_, by=cast.operator)
    assert Case.objects.get().scheme == ScoringScheme.objects.get(code="national")
    assert governing.scheme_on(cast.school.pk, TOMORROW) == draft
    # Another school goes on with the national one.
    assert governing.scheme_on(cast.b.school.pk, TOMORROW) == Case.objects.get().scheme


def test_what_is_enacted_is_not_changed(cast: Cast) -> None:
    draft = actions.copy_scheme(organisation=cast.school, by=cast.operator)
    actions.enact_scheme(scheme=draft, valid_from=TOMORROW, by=cast.reviewer)
    with pytest.raises(Refused) as error:
        actions.edit_scheme(scheme=draft, table=draft.rules, by=cast.operator)
    assert refusal(error) == ["这份评估表已启用，不能再改"]
    with pytest.raises(Refused) as error:
        actions.discard_scheme(scheme=draft, by=cast.operator)
    assert refusal(error) == ["现在是“已启用”，不能作废评估表"]


def test_the_national_one_and_another_schools_are_not_edited(cast: Cast) -> None:
    national = ScoringScheme.objects.get(code="national")
    with pytest.raises(Refused) as error:
        actions.edit_scheme(scheme=national, table=national.rules, by=cast.operator)
    assert "这不是本单位的评估表" in refusal(error)
    draft = actions.copy_scheme(organisation=cast.school, by=cast.operator)
    with pytest.raises(Refused) as error:
        actions.enact_scheme(scheme=draft, valid_from=TOMORROW, by=cast.b.reviewer)
    assert "这不是本单位的评估表" in refusal(error)


def test_figures_that_make_no_sense_are_all_told(cast: Cast) -> None:
    draft = actions.copy_scheme(organisation=cast.school, by=cast.operator)
    table = stricter(draft, hard=80)
    table["items"][0]["options"][0]["points"] = -201
    table["items"][0]["options"][1]["when"]["under"] = 3000
    found = why_unsound(table)
    assert len(found) == 3
    with pytest.raises(Refused) as error:
        actions.edit_scheme(scheme=draft, table=table, by=cast.operator)
    assert refusal(error) == [
        *found,
        "家庭人均年收入：4,000—8,000元的范围改为不少于4,000、不到3,000，名称没有改",
        "家庭人均年收入：8,000—12,000元的范围改为不少于3,000、不到12,000，名称没有改",
    ]


def widened(scheme: ScoringScheme, first: str, second: str, under: int = 7000) -> dict[str, Any]:
    """The lowest income reaches further; the two rows that this concerns are called so."""
    table: dict[str, Any] = deepcopy(scheme.rules)
    lowest, next_ = table["items"][0]["options"][:2]
    lowest["when"]["under"], lowest["label"], next_["label"] = under, first, second
    return table


def test_a_range_that_was_changed_is_called_by_its_figures(cast: Cast) -> None:
    draft = actions.copy_scheme(organisation=cast.school, by=cast.operator)
    table = widened(draft, "4000元以下", "7,000—8,000元")
    with pytest.raises(Refused) as error:
        actions.edit_scheme(scheme=draft, table=table, by=cast.operator)
    assert refusal(error) == ["家庭人均年收入：4000元以下的范围改为不到7,000，名称没有改"]
    assert error.value.reasons[0].mend == "请把这一行的名称改成新的范围，再保存"
    # The row below begins where this one ends.
    assert why_misnamed(widened(draft, "7,000元以下", "4,000—8,000元"), draft.rules) == [
        "家庭人均年收入：4,000—8,000元的范围改为不少于7,000、不到8,000，名称没有改"
    ]
    named = widened(draft, "7,000元以下", "7,000—8,000元")
    draft = actions.edit_scheme(scheme=draft, table=named, by=cast.operator)
    table = widened(draft, "7,000元以下", "7,000—8,000元", under=6000)
    with pytest.raises(Refused):
        actions.edit_scheme(scheme=draft, table=table, by=cast.operator)
    assert draft.base is not None
    back = widened(draft, "4,000元以下", "4,000—8,000元", under=4000)
    assert back == draft.base.rules
    actions.edit_scheme(scheme=draft, table=back, by=cast.operator)
    wordless = widened(draft, "收入很低", "7,000—8,000元")
    assert why_misnamed(wordless, draft.base.rules, draft.rules) == []


def test_a_contradiction_saved_before_is_not_enacted_but_mended(cast: Cast) -> None:
    draft = actions.copy_scheme(organisation=cast.school, by=cast.operator)
    sound = deepcopy(draft.rules)
    wrong = widened(draft, "4,000元以下", "7,000—8,000元")
    ScoringScheme.objects.filter(pk=draft.pk).update(rules=wrong)
    with pytest.raises(Refused) as error:
        actions.enact_scheme(scheme=draft, valid_from=TOMORROW, by=cast.reviewer)
    assert refusal(error) == ["家庭人均年收入：4,000元以下的范围改为不到7,000，名称没有改"]
    actions.edit_scheme(scheme=draft, table=sound, by=cast.operator)
    done = actions.enact_scheme(scheme=draft, valid_from=TOMORROW, by=cast.reviewer)
    assert done.status == "enacted"


def test_a_day_that_is_refused_stays_on_the_page(cast: Cast, sign_in: Any) -> None:
    draft = actions.copy_scheme(organisation=cast.school, by=cast.operator)
    client = sign_in(cast.reviewer)
    page = client.get(reverse("review:scheme", args=[draft.pk])).text
    assert re.search(r'<input[^>]* name="valid_from"[^>]* min="2026-09-02"', page)
    enact = reverse("review:enact_scheme", args=[draft.pk])
    refused = client.post(enact, {"valid_from": "2026-08-20"})
    assert refused.status_code == 409
    assert "启用日期应在今天以后" in refused.text
    assert "没有启用" in refused.text
    assert 'value="2026-08-20"' in refused.text
    wrong = client.post(enact, {"valid_from": "九月"})
    assert wrong.status_code == 422
    assert 'value="九月"' in wrong.text


def test_the_boxes_give_back_the_table_that_filled_them(cast: Cast) -> None:
    rules = ScoringScheme.objects.get(code="national").rules
    empty = SchemeForm(rules)
    typed = SchemeForm(rules, {name: empty[name].value() for name in empty.fields})
    assert typed.is_valid()
    assert typed.table() == rules


def test_it_is_changed_tried_and_enacted_by_its_pages(cast: Cast, sign_in: Any) -> None:
    cases.taken_up(cast)
    client = sign_in(cast.operator)
    client.post(reverse("review:copy_scheme"))
    set_scope(cast.school.pk)
    draft = ScoringScheme.objects.get(status="draft")
    address = reverse("review:scheme", args=[draft.pk])
    page = client.get(address)
    # What a browser would send: the boxes that stand on the page.
    boxes = dict(re.findall(r'<input[^>]* name="(\w+_\w+)"[^>]* value="([^"]*)"', page.text))
    assert set(boxes) == set(page.context["form"].fields)
    edit = reverse("review:edit_scheme", args=[draft.pk])
    assert client.post(edit, {**boxes, "grade_hard": ""}).status_code == 422
    assert client.post(edit, {**boxes, "grade_hard": "90"}).status_code == 409
    assert client.post(edit, {**boxes, "grade_hard": "45"}).status_code == 302
    checker = sign_in(cast.reviewer)
    assert checker.get(address).context["changed"] == 1
    enact = reverse("review:enact_scheme", args=[draft.pk])
    assert checker.post(enact, {"valid_from": "2026-09-02"}).status_code == 302
    draft.refresh_from_db()
    assert (draft.status, draft.valid_from) == ("enacted", TOMORROW)
    assert sign_in(cast.b.reviewer).get(address).status_code == 404


@pytest.mark.race
def test_one_draft_is_begun(committed: Cast) -> None:
    count = race(
        lambda i: actions.copy_scheme(organisation=committed.school, by=committed.operator),
        organisation=committed.school,
    )
    assert count == {"won": 1, "Refused": 63}


@pytest.mark.race
def test_without_the_constraints_several_are(committed: Cast) -> None:
    with without("review_scoringscheme", "scheme_draft_once", "scheme_once"):
        won = unguarded(
            lambda i: actions.copy_scheme(organisation=committed.school, by=committed.operator),
            organisation=committed.school,
        )
        assert won > 1
