"""What the offices find: three schools with awards of many programmes waiting to be paid."""

import json
import sys
from typing import Any

from django.core.management import call_command

from aidadmin import reference
from applications.models import Tier
from disbursement import actions
from disbursement.models import AidCard
from schools import actions as schools
from schools import almanac, clock
from schools.models import Organisation
from schools.tenancy import set_scope
from tests.cast import Staffed, build
from tests.disbursement import cases

STUDENTS = 6
FIRST_AMOUNT = 100_000
# `make demo` builds no district of its own where there is one.
DEMO_CODE = "990000"


def main() -> None:
    """Fill an empty installation; prints what must have been paid in the end."""
    call_command("migrate", database="owner", verbosity=0)
    reference.load()
    with clock.at(cases.PAY_DAY):
        cast = build()
        schools.found_bureau(
            code=DEMO_CODE, name="示范省", kind=Organisation.Kind.CITY, region_code=DEMO_CODE
        )
        offices = [school(one, int(sys.argv[1])) for one in (cast.a, cast.b, cast.c)]
    almanac.move_clock(to=cases.PAY_DAY)
    sys.stdout.write(json.dumps(offices, ensure_ascii=False))


def school(staffed: Staffed, programmes: int) -> dict[str, Any]:
    """One school's students with cards, and the awards of each programme with the exact money."""
    set_scope(staffed.school.pk)
    letter = staffed.operator.person.name[-1]
    students = staffed.students + cases.add_students(staffed, STUDENTS - len(staffed.students))
    wanted = {}
    for n in range(programmes):
        # Every programme pays another amount, so that a wrong one shows.
        name, amount = f"助学金{letter}{n:03d}", FIRST_AMOUNT + 137 * n
        its = _programme(staffed, name, amount)
        for someone in students:
            (cases.ready if n == 0 else cases.case)(its, someone)
        cases.fund(its, amount * len(students))
        actions.grant_awards(round_=its.round, by=staffed.operator)
        wanted[name] = amount
    cards = AidCard.objects.filter(school=staffed.school)
    return {
        "school": staffed.school.pk,
        "letter": letter,
        "class": staffed.school_class.pk,
        "programmes": wanted,
        "cards": sorted(card.number.reveal() for card in cards),
    }


def _programme(staffed: Staffed, name: str, amount: int) -> cases.Aid:
    its = cases.programme("soak", name=name, stage=staffed.school.stage)
    Tier.objects.create(
        programme=its,
        code="one",
        valid_from=its.valid_from,
        label="一档",
        rank=1,
        amount_fen=amount,
    )
    return cases.aid(staffed, its)
