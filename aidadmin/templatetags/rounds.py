"""The stepper of a round for pages of any floor: one definition, the same words everywhere."""

from django import template

from aidadmin.overview.rounds import steps_of
from applications.models import Round
from office.desk import Step
from review.steps import Standing

register = template.Library()


@register.simple_tag
def round_steps(round_: Round, now: Standing | None = None) -> list[Step]:
    """The steps for `<c-stepper>`; `now` when the page has already looked."""
    return steps_of(round_, now)
