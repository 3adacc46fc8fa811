"""The stepper of a round for pages of any floor: one definition, the same words everywhere."""

from dataclasses import replace

from django import template
from django.template.context import Context

from aidadmin.closings import BY_HAND, why_not_ended
from aidadmin.overview.rounds import steps_of
from applications.models import Round
from audit.refusal import Reason
from office.desk import Step
from review.steps import Standing
from schools.roles import OFFICE

register = template.Library()


@register.simple_tag(takes_context=True)
def round_steps(context: Context, round_: Round, now: Standing | None = None) -> list[Step]:
    """The steps for `<c-stepper>`; `now` when the page has already looked.

    Meetings and notices are the office's: a head teacher reads the steps without links.
    """
    steps = steps_of(round_, now)
    if context["request"].appointment.role in OFFICE:
        return steps
    return [replace(step, url="") for step in steps]


@register.simple_tag
def round_left(round_: Round) -> list[Reason]:
    """What is left to do before an open round closes by itself."""
    return why_not_ended(round_) + ([BY_HAND] if round_.reopen_at else [])
