"""表决票 as it is shown or printed: a QR code and the address behind it."""

from collections.abc import Mapping

import segno
from django.conf import settings
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from applications.letters import dotted
from office.documents.typeset import MissingGlyphs, Value, pdf
from review.models import Ballot
from schools import clock


def address_of(secret: str) -> str:
    """Where a slip's QR leads."""
    return f"{settings.BASE_URL.rstrip('/')}{reverse('ballot:enter', args=[secret])}"


def picture_of(secret: str) -> SafeString:
    """The QR code as a drawing inside the page."""
    code = segno.make(address_of(secret), error="m", micro=False)
    drawn = code.svg_inline(border=2, light="#fff", omitsize=True, svgclass=None, lineclass=None)
    return mark_safe(drawn)  # noqa: S308  drawn from our own address


def sheet(ballot: Ballot, secrets: Mapping[str, str]) -> bytes:
    """The slips on A4 to be cut apart, one member each."""
    appraisal = ballot.appraisal
    values: dict[str, Value] = {
        "school": appraisal.school.name,
        "school_class": appraisal.school_class.name,
        "held_on": appraisal.held_on,
        "slips": [
            {"name": name, "site": address_of(secret), "qr": list(dotted(address_of(secret)))}
            for name, secret in secrets.items()
        ],
    }
    try:
        return pdf("ballot_slips", values, moment=clock.now())
    except MissingGlyphs:
        return pdf("ballot_slips", values, moment=clock.now(), allow_missing=True)
