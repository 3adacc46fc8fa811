"""The sweep's rows of applications: a recognition round and one application in it."""

from typing import Any

from applications import actions
from applications.actions.family_papers import attach
from applications.models import Attachment
from applications.pictures import paper_from
from schools.models import Term
from tests.applications import family, policy, scenes, sheets
from tests.cast import Staffed


def objects(staffed: Staffed) -> dict[str, Any]:
    """A round of the school and an application of its first student."""
    round_ = actions.open_recognition_round(
        school=staffed.school, term=Term.objects.get(code="2026-1"), by=staffed.operator
    )
    application = scenes.handed_in(round_, staffed.students[0], staffed.head_teacher)
    paper = attach(
        application=application,
        kind=Attachment.Kind.ID_CARD,
        paper=paper_from(family.picture()),
        by=staffed.head_teacher,
        person=staffed.head_teacher.person,
    )
    sheet = actions.stage_form_sheet(
        round_=round_,
        content=sheets.filled([sheets.row(staffed.students[1])]),
        filename="填报表.xlsx",
        by=staffed.head_teacher,
    )
    entry = actions.register_green(
        student=staffed.students[2],
        term=Term.objects.get(code="2026-1"),
        kind="waive",
        item="tuition",
        amount_fen=80_000,
        reason="家中受灾",
        by=staffed.operator,
    )
    draft = actions.draft_programme(
        facts=policy.facts(source="school", stage=staffed.school.stage), by=staffed.operator
    )
    return {
        "programme_id": draft.pk,
        "green_id": entry.pk,
        "form_sheet_id": sheet.pk,
        "round_id": round_.pk,
        "application_id": application.pk,
        "paper_id": paper.pk,
    }
