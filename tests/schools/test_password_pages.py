"""The page of one's own password says why a new one is owed; a late reset is told, not done."""

from datetime import date
from typing import Any

from django.urls import reverse

from schools import actions, clock
from schools.models import Account
from schools.passwords import mark_of
from schools.tenancy import set_scope
from tests.cast import Cast


def test_a_password_given_by_another_is_changed_first(cast: Cast, sign_in: Any) -> None:
    actions.reset_password(appointment=cast.a.committee, by=cast.a.leader)
    client = sign_in(cast.a.committee)
    address = reverse("password_change")
    assert client.get("/").headers["Location"] == address
    assert "请先换成自己的密码" in client.get(address).text


def test_an_own_password_needs_no_word(cast: Cast, sign_in: Any) -> None:
    account = Account.objects.get(person=cast.a.committee.person)
    account.password_changed_on = date(2026, 8, 1)
    account.save()
    client, address = sign_in(cast.a.committee), reverse("password_change")
    page = client.get(address).text
    assert "请先换成" not in page
    assert "用得太久" not in page
    with clock.at(date(2026, 11, 2)):
        assert "用得太久" in sign_in(cast.a.committee).get(address).text


def test_who_resets_from_an_old_page_is_told(cast: Cast, sign_in: Any) -> None:
    account = Account.objects.get(person=cast.a.committee.person)
    mark = mark_of(account)
    client = sign_in(cast.a.leader)
    assert f'name="mark" value="{mark}"' in client.get(reverse("people")).text
    set_scope(cast.school.pk)
    first = actions.reset_password(appointment=cast.a.committee, by=cast.a.leader)
    address = reverse("password_reset", args=[cast.a.committee.pk])
    refused = client.post(address, {"mark": mark})
    assert refused.status_code == 409
    assert "密码刚刚被重设或修改过" in refused.text
    account.refresh_from_db()
    assert account.check_password(first.password)
