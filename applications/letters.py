"""致家长的一封信 (requirement row 1-20, `domain.md` §D.8): one page per class, with its code."""

from collections.abc import Mapping

import segno
from django.conf import settings
from django.urls import reverse

from applications.models import Round
from applications.rules.family import grouped
from office.documents.typeset import Value, pdf
from schools import clock
from schools.models import School
from students.models import SchoolClass


def address_of(code: str) -> str:
    """Where the code's QR leads."""
    return f"{settings.BASE_URL.rstrip('/')}{reverse('family:enter_by_code', args=[code])}"


def dotted(text: str) -> list[str]:
    """A QR code as rows of 0 and 1, without its quiet border."""
    code = segno.make(text, error="m", micro=False)
    return ["".join("1" if dot else "0" for dot in row) for row in code.matrix]


def letters(
    school: School, round_: Round, classes: list[SchoolClass], codes: Mapping[int, str]
) -> bytes:
    """The letters of these classes as one PDF."""
    pages: list[Value] = [
        {
            "school_class": c.name,
            "code": grouped(codes[c.pk]),
            "qr": list(dotted(address_of(codes[c.pk]))),
            "teacher": c.head_teacher.name if c.head_teacher else "",
        }
        for c in classes
        if c.pk in codes
    ]
    year = round_.term.year_label
    return pdf(
        "family_letter",
        {
            "school": school.name,
            "year": year,
            "opens_on": round_.opens_on,
            "closes_on": round_.closes_on,
            "site": f"{settings.BASE_URL.rstrip('/')}{reverse('family:enter')}",
            "phone": school.contact_phone,
            "day": clock.today(),
            "pages": pages,
        },
        moment=clock.now(),
    )
