"""The only writers of students' rows, by noun."""

from students.actions.ages import drop_age_limit, set_age_limit
from students.actions.approvals import approve_roster
from students.actions.candidates import (
    confirm_candidate,
    reject_candidate,
    reopen_candidate,
)
from students.actions.classes import add_class, assign_head_teacher, correct_class
from students.actions.corrections import (
    propose_correction,
    refuse_correction,
    reveal_correction,
    sign_correction,
    withdraw_correction,
)
from students.actions.endings import approve_ending, propose_ending, refuse_ending
from students.actions.enrolment import change_enrolment
from students.actions.exchanges import propose_exchange
from students.actions.exports import export_roster, marked_roster
from students.actions.facts import correct_facts
from students.actions.finding import drop_filter, find_by_number, keep_filter
from students.actions.graduation import correct_graduation
from students.actions.guardians import remove_guardian, reveal_guardian, save_guardian
from students.actions.lists import discard_list, upload_list, withdraw_list
from students.actions.matching import match_list
from students.actions.missing import change_whereabouts, record_whereabouts, want_missing
from students.actions.protection import (
    list_protected,
    propose_lowering,
    refuse_lowering,
    sign_lowering,
    withdraw_lowering,
)
from students.actions.recall import ask_recall, keep_rollover, sign_recall
from students.actions.redating import correct_change_day
from students.actions.rematching import match_again, match_newcomers
from students.actions.retaining import retain_tags, revoke_retention
from students.actions.reveals import reveal
from students.actions.risks import count_heads, reopen_risk, settle_ages, settle_risk
from students.actions.rollover import roll_over
from students.actions.rosters import apply_roster, correct_columns, discard_roster, stage_roster
from students.actions.sheets import print_sheet
from students.actions.teachers import assign_head_teachers, read_teachers, teachers_sheet
from students.actions.transfer_days import (
    agree_transfer_day,
    decline_transfer_day,
    propose_transfer_day,
    refuse_transfer_day,
    restore_transfer_day,
    sign_transfer_day,
    withdraw_transfer_day,
)
from students.actions.transfers import (
    accept_transfer,
    decline_transfer,
    propose_transfer,
    sign_transfer,
    withdraw_transfer,
)
from students.actions.written import check_name, recall_check

__all__ = [
    "accept_transfer",
    "add_class",
    "agree_transfer_day",
    "apply_roster",
    "approve_ending",
    "approve_roster",
    "ask_recall",
    "assign_head_teacher",
    "assign_head_teachers",
    "change_enrolment",
    "change_whereabouts",
    "check_name",
    "confirm_candidate",
    "correct_change_day",
    "correct_class",
    "correct_columns",
    "correct_facts",
    "correct_graduation",
    "count_heads",
    "decline_transfer",
    "decline_transfer_day",
    "discard_list",
    "discard_roster",
    "drop_age_limit",
    "drop_filter",
    "export_roster",
    "find_by_number",
    "keep_filter",
    "keep_rollover",
    "list_protected",
    "marked_roster",
    "match_again",
    "match_list",
    "match_newcomers",
    "print_sheet",
    "propose_correction",
    "propose_ending",
    "propose_exchange",
    "propose_lowering",
    "propose_transfer",
    "propose_transfer_day",
    "read_teachers",
    "recall_check",
    "record_whereabouts",
    "refuse_correction",
    "refuse_ending",
    "refuse_lowering",
    "refuse_transfer_day",
    "reject_candidate",
    "remove_guardian",
    "reopen_candidate",
    "reopen_risk",
    "restore_transfer_day",
    "retain_tags",
    "reveal",
    "reveal_correction",
    "reveal_guardian",
    "revoke_retention",
    "roll_over",
    "save_guardian",
    "set_age_limit",
    "settle_ages",
    "settle_risk",
    "sign_correction",
    "sign_lowering",
    "sign_recall",
    "sign_transfer",
    "sign_transfer_day",
    "stage_roster",
    "teachers_sheet",
    "upload_list",
    "want_missing",
    "withdraw_correction",
    "withdraw_list",
    "withdraw_lowering",
    "withdraw_transfer",
    "withdraw_transfer_day",
]
