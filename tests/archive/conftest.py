"""A request empties the scope when it ends; these tests go on acting for school A afterwards."""

from typing import Any

import pytest

from schools.models import Appointment
from schools.tenancy import set_scope
from tests.cast import Cast


@pytest.fixture
def sign_in(cast: Cast, sign_in: Any, client: Any) -> Any:
    """As the shared fixture, with school A's scope back after each request."""
    asked = client.request

    def request(**environ: Any) -> Any:
        try:
            return asked(**environ)
        finally:
            set_scope(cast.school.pk)

    client.request = request

    def enter(appointment: Appointment) -> Any:
        return sign_in(appointment)

    return enter
