"""Fixtures of this app's tests."""

from typing import Any

import pytest
from django.test import Client

from schools.models import Appointment
from schools.tenancy import set_scope
from tests.cast import Cast


@pytest.fixture
def sign_in(cast: Cast, sign_in: Any) -> Any:
    """As everywhere, but after each answer the test acts for school A again."""

    def enter(appointment: Appointment) -> Client:
        client: Any = sign_in(appointment)
        if "request" not in client.__dict__:
            ask = client.request

            def request(**environment: Any) -> Any:
                try:
                    return ask(**environment)
                finally:
                    set_scope(cast.school.pk)

            client.request = request
        return client  # type: ignore[no-any-return]

    return enter
