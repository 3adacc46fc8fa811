"""District and city may name one child: what one ends, the other's list goes on with at once."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse

from audit.models import Event
from schools import clock
from schools.roles import Role
from schools.scope import acting_for
from students.actions import (
    approve_ending,
    match_list,
    match_newcomers,
    propose_ending,
    withdraw_list,
)
from students.models import DepartmentList, SpecialGroup, SpecialGroupTag, live_tag
from tests.cast import Cast, appoint
from tests.students.test_actions_lists import list_file, matched, people_of, upload
from tests.students.test_endings import PAST, live

TODAY = date(2026, 9, 1)
BOTH = {"张示远", "李样宁"}


def of_the_city(cast: Cast, n: int = 2, **facts: object) -> DepartmentList:
    """The city's list names the first `n` students of A, whom the district tagged already."""
    with acting_for(cast.city):
        listed = upload(
            cast,
            list_file(people_of(cast)[:n]),
            **{"bureau": cast.city, "by": cast.city_operator, "valid_from": PAST, **facts},
        )
        return match_list(listed=listed, by=cast.city_operator)


def end_by_the_district(cast: Cast) -> int | None:
    """The district's next version names the first alone; two persons end the others."""
    with acting_for(cast.district):
        listed = matched(cast, people_of(cast)[:1])
        ending = propose_ending(listed=listed, note="", by=cast.bureau_operator)
        return approve_ending(ending=ending, by=cast.bureau_reviewer).ended


def tagged_by_the_district(cast: Cast) -> DepartmentList:
    with acting_for(cast.district):
        return matched(cast, people_of(cast)[:2], valid_from=PAST, issued_on=PAST)


def test_the_reviewer_is_told_who_goes_on(cast: Cast, sign_in: Any) -> None:
    tagged_by_the_district(cast)
    of_the_city(cast)
    with acting_for(cast.district):
        listed = matched(cast, people_of(cast)[:1])
        ending = propose_ending(listed=listed, note="", by=cast.bureau_operator)
    url = reverse("students:list_end", kwargs={"list_id": listed.pk})
    answer = sign_in(cast.bureau_reviewer).post(url, {"ending": ending.pk}, follow=True)
    said = answer.content.decode()
    assert "已停止1条标记" in said
    assert "其中1人在其他资助中心的有效名单上，已改按那份名单标记" in said
    with acting_for(cast.district):
        ending.refresh_from_db()
        assert (ending.ended, ending.kept) == (1, 1)


def seen(cast: Cast) -> set[str]:
    with acting_for(cast.school):
        return live()


def test_whom_the_city_names_too_stays_tagged_when_the_district_ends_it(cast: Cast) -> None:
    old = tagged_by_the_district(cast)
    listed = of_the_city(cast)
    assert listed.counts["tagged"] == 0, "they are tagged already"
    assert end_by_the_district(cast) == 1
    assert seen(cast) == BOTH
    with acting_for(cast.school):
        held = SpecialGroupTag.objects.filter(live_tag(TODAY), student=cast.a.students[1])
        assert [(t.source_list_id, t.valid_from) for t in held] == [(listed.pk, PAST)]
        ended = SpecialGroupTag.objects.get(source_list_id=old.pk, student=cast.a.students[1])
        assert ended.valid_to == TODAY - timedelta(days=1)
        told = Event.objects.for_organisation(cast.school.pk).filter(verb="students.tag")
        assert told.latest("seq").facts == {"list": listed.pk, "group": "dibao", "students": 1}
    with acting_for(cast.city):
        listed.refresh_from_db()
        assert (listed.counts["tagged"], listed.counts["later"]) == (1, 1)


def test_matched_again_the_citys_list_adds_nothing(cast: Cast) -> None:
    tagged_by_the_district(cast)
    of_the_city(cast)
    end_by_the_district(cast)
    with acting_for(cast.city), clock.at(clock.now() + timedelta(days=1)):
        assert match_newcomers(bureau=cast.city) == 1
        assert SpecialGroupTag.objects.filter(live_tag(TODAY)).count() == 2


def test_the_other_way_round_the_districts_list_goes_on(cast: Cast) -> None:
    listed = of_the_city(cast)
    with acting_for(cast.district):
        matched(cast, people_of(cast)[:2], valid_from=PAST, issued_on=PAST)
    with acting_for(cast.city):
        reviewer = appoint("市审核", cast.city, Role.BUREAU_REVIEWER, "bureau-city-reviewer")
        withdraw_list(listed=listed, reason="名单有误", by=reviewer)
    assert seen(cast) == BOTH


def test_whom_a_withdrawn_list_tagged_the_citys_goes_on_with(cast: Cast) -> None:
    old = tagged_by_the_district(cast)
    of_the_city(cast, 1)
    with acting_for(cast.district):
        done = withdraw_list(listed=old, reason="名单有误", by=cast.bureau_reviewer)
    assert (done.counts["ended"], done.counts["kept"]) == (2, 1)
    assert seen(cast) == {"张示远"}


@pytest.mark.parametrize(
    "facts", [{"valid_to": date(2026, 8, 31)}, {"group": "orphan"}], ids=["over", "another group"]
)
def test_a_list_that_is_over_or_of_another_group_goes_on_with_nothing(
    cast: Cast, facts: dict[str, object]
) -> None:
    if "group" in facts:
        facts = {"group": SpecialGroup.objects.get(code="orphan")}
    tagged_by_the_district(cast)
    of_the_city(cast, 2, **facts)
    end_by_the_district(cast)
    with acting_for(cast.school):
        dibao = SpecialGroupTag.objects.filter(live_tag(TODAY), group__code="dibao")
        assert [t.student for t in dibao] == [cast.a.students[0]]


def test_whom_the_city_does_not_name_is_ended(cast: Cast) -> None:
    tagged_by_the_district(cast)
    of_the_city(cast, 1)
    end_by_the_district(cast)
    assert seen(cast) == {"张示远"}


def test_a_list_of_the_other_district_is_not_asked(cast: Cast) -> None:
    tagged_by_the_district(cast)
    with acting_for(cast.other_district):
        other = upload(
            cast,
            list_file(people_of(cast)[:2]),
            bureau=cast.other_district,
            by=cast.other_bureau_operator,
            valid_from=PAST,
        )
        match_list(listed=other, by=cast.other_bureau_operator)
    end_by_the_district(cast)
    assert seen(cast) == {"张示远"}


def test_the_scope_is_the_districts_again(cast: Cast) -> None:
    tagged_by_the_district(cast)
    listed = of_the_city(cast)
    with acting_for(cast.district):
        new = matched(cast, people_of(cast)[:1])
        ending = propose_ending(listed=new, note="", by=cast.bureau_operator)
        approve_ending(ending=ending, by=cast.bureau_reviewer)
        assert not DepartmentList.objects.filter(pk=listed.pk).exists()
