"""The only writers of rounds and applications."""

from applications.actions.codes import issue_code, issue_missing_codes, read_codes
from applications.actions.entries import draft_application, revise
from applications.actions.family_entry import enter, leave, visit_of
from applications.actions.family_filing import (
    Changed,
    confirm_members,
    drop_member,
    keep_signed,
    save_hardship,
    save_income,
    save_member,
    save_signed,
    save_who,
)
from applications.actions.family_handing import accept, hand_over
from applications.actions.family_papers import add_paper, drop_paper, sign
from applications.actions.form_sheets import (
    apply_form_sheet,
    discard_form_sheet,
    form_template,
    marked_form_sheet,
    stage_form_sheet,
)
from applications.actions.green import (
    approve_green,
    refuse_green,
    register_green,
    settle_green,
)
from applications.actions.green_voiding import (
    ask_void_green,
    confirm_void_green,
    decline_void_green,
    void_green,
)
from applications.actions.handing_in import (
    allow_late,
    explain_late,
    send_back,
    submit,
    withdraw,
)
from applications.actions.many import Applied, apply_for_many
from applications.actions.openings import (
    open_by_itself,
    open_due,
    pause_opening,
    resume_opening,
    settle_due,
    settle_window,
    take_back_round,
    uses_of,
)
from applications.actions.programme_endings import ask_end, confirm_end, keep_programme
from applications.actions.programme_revoking import (
    ask_revoke,
    confirm_revoke,
    retain_programme,
)
from applications.actions.programmes import (
    discard_programme,
    draft_programme,
    edit_programme,
    enact_programme,
)
from applications.actions.reading import Household, read_household, read_visits, want_class_forms
from applications.actions.rounds import (
    close_round,
    open_programme_round,
    open_recognition_round,
    reopen_round,
)
from applications.actions.visits import record_visit
from applications.rules.programmes import PaperFacts, ProgrammeFacts, TierFacts
from applications.rules.surveys import MemberFacts, SurveyFacts
from applications.rules.visits import VisitFacts

__all__ = [
    "Applied",
    "Changed",
    "Household",
    "MemberFacts",
    "PaperFacts",
    "ProgrammeFacts",
    "SurveyFacts",
    "TierFacts",
    "VisitFacts",
    "accept",
    "add_paper",
    "allow_late",
    "apply_for_many",
    "apply_form_sheet",
    "approve_green",
    "ask_end",
    "ask_revoke",
    "ask_void_green",
    "close_round",
    "confirm_end",
    "confirm_members",
    "confirm_revoke",
    "confirm_void_green",
    "decline_void_green",
    "discard_form_sheet",
    "discard_programme",
    "draft_application",
    "draft_programme",
    "drop_member",
    "drop_paper",
    "edit_programme",
    "enact_programme",
    "enter",
    "explain_late",
    "form_template",
    "hand_over",
    "issue_code",
    "issue_missing_codes",
    "keep_programme",
    "keep_signed",
    "leave",
    "marked_form_sheet",
    "open_by_itself",
    "open_due",
    "open_programme_round",
    "open_recognition_round",
    "pause_opening",
    "read_codes",
    "read_household",
    "read_visits",
    "record_visit",
    "refuse_green",
    "register_green",
    "reopen_round",
    "resume_opening",
    "retain_programme",
    "revise",
    "save_hardship",
    "save_income",
    "save_member",
    "save_signed",
    "save_who",
    "send_back",
    "settle_due",
    "settle_green",
    "settle_window",
    "sign",
    "stage_form_sheet",
    "submit",
    "take_back_round",
    "uses_of",
    "visit_of",
    "void_green",
    "want_class_forms",
    "withdraw",
]
