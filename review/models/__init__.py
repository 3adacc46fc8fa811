"""Facts of the review: cases, meetings and recognitions, notices, objections and photographs."""

from review.models.ballots import (
    Ballot,
    BallotCase,
    BallotDevice,
    BallotRecusal,
    BallotSlip,
    Choice,
)
from review.models.cases import Appraisal, Case, Tally
from review.models.class_postings import ClassPhoto, ClassPosting
from review.models.meetings import Attendance, Meeting, Recognition
from review.models.notices import Notice, NoticeLine, Objection
from review.models.panels import Panel, PanelMember
from review.models.postings import PostingPhoto
from review.models.recusals import CaseRecusal, CaseVote, TallyRecusal
from review.models.schemes import ScoringScheme

__all__ = [
    "Appraisal",
    "Attendance",
    "Ballot",
    "BallotCase",
    "BallotDevice",
    "BallotRecusal",
    "BallotSlip",
    "Case",
    "CaseRecusal",
    "CaseVote",
    "Choice",
    "ClassPhoto",
    "ClassPosting",
    "Meeting",
    "Notice",
    "NoticeLine",
    "Objection",
    "Panel",
    "PanelMember",
    "PostingPhoto",
    "Recognition",
    "ScoringScheme",
    "Tally",
    "TallyRecusal",
]
