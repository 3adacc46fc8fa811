"""The only writers of the review, from taking up an application to the confirmed list."""

from review.actions.appraisals import finish_appraisal, hold_appraisal, reopen_appraisal, tally
from review.actions.ballots import (
    cancel_ballot,
    explain,
    hand_out,
    hand_out_rest,
    open_ballot,
    set_aside,
    take_back_recusal,
)
from review.actions.cases import Proposal, propose, take_back, take_up
from review.actions.class_photos import keep_class_photos, remove_class_photo, withdraw_posting
from review.actions.class_postings import post_in_class
from review.actions.confirmations import Confirmation, confirm_notice, confirm_undisputed
from review.actions.counting import Counted, count_ballot
from review.actions.meetings import (
    confirm_meeting,
    convene,
    decide,
    return_meeting,
    take_attendance,
)
from review.actions.notices import draft_notice, publish, revise_notice, withdraw_notice
from review.actions.objections import answer, object_to, record_objection, reveal_contact
from review.actions.panels import add_members, form_panel
from review.actions.postings import keep_photos, remove_photo
from review.actions.reading import READERS, read_score
from review.actions.recusals import recuse, withdraw_recusal
from review.actions.schemes import copy_scheme, discard_scheme, edit_scheme, enact_scheme
from review.actions.thin_votes import allow_paper, judge_after_all, refer
from review.actions.voting import hand_in, miss, slip_of, vote_after_all

__all__ = [
    "READERS",
    "Confirmation",
    "Counted",
    "Proposal",
    "add_members",
    "allow_paper",
    "answer",
    "cancel_ballot",
    "confirm_meeting",
    "confirm_notice",
    "confirm_undisputed",
    "convene",
    "copy_scheme",
    "count_ballot",
    "decide",
    "discard_scheme",
    "draft_notice",
    "edit_scheme",
    "enact_scheme",
    "explain",
    "finish_appraisal",
    "form_panel",
    "hand_in",
    "hand_out",
    "hand_out_rest",
    "hold_appraisal",
    "judge_after_all",
    "keep_class_photos",
    "keep_photos",
    "miss",
    "object_to",
    "open_ballot",
    "post_in_class",
    "propose",
    "publish",
    "read_score",
    "record_objection",
    "recuse",
    "refer",
    "remove_class_photo",
    "remove_photo",
    "reopen_appraisal",
    "return_meeting",
    "reveal_contact",
    "revise_notice",
    "set_aside",
    "slip_of",
    "take_attendance",
    "take_back",
    "take_back_recusal",
    "take_up",
    "tally",
    "vote_after_all",
    "withdraw_notice",
    "withdraw_posting",
    "withdraw_recusal",
]
