"""Facts of the review: `cases`, `meetings` with recognitions, `notices` with objections."""

from review.models.cases import Appraisal, Case, ScoringScheme, Tally
from review.models.meetings import Attendance, Meeting, Recognition
from review.models.notices import Notice, NoticeLine, Objection

__all__ = [
    "Appraisal",
    "Attendance",
    "Case",
    "Meeting",
    "Notice",
    "NoticeLine",
    "Objection",
    "Recognition",
    "ScoringScheme",
    "Tally",
]
