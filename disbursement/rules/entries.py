"""What forbids noting that a list was entered into the national system, or checking it."""

from audit import moves
from audit.refusal import Reason
from disbursement.models import SystemEntry
from disbursement.rules.hands import why_not_here, why_not_second
from disbursement.upkeep import Duty
from schools.models import Appointment
from schools.roles import Role

ENTERS = (Role.OPERATOR,)
CHECKS = (Role.REVIEWER, Role.LEADER)
SELF_CHECKED = "录入的人不能审核自己的录入"


def why_not_enter(duty: Duty, by: Appointment, shown: str) -> list[Reason]:
    """Every reason why this list isn't noted as entered; `shown` is the mark of what was seen."""
    found = why_not_here(by, duty.school_id, ENTERS, "登记系统录入")
    if shown != duty.mark:
        found.append(Reason("名单刚刚有变动，与您看到的不同", "请刷新页面，按现在的名单录入"))
    if duty.state == "entered":
        found.append(Reason("上一次录入还没有审核", "请审核人审核或退回之后，再登记这一次"))
    if duty.state == "checked":
        found.append(Reason("这份名单已经录入，没有变动", "有变动的时候再登记"))
    return found


def why_not_check(entry: SystemEntry, duty: Duty | None, by: Appointment) -> list[Reason]:
    """Every reason why this entry can't be called right: it must be what the list is today."""
    found = (
        why_not_here(by, entry.school_id, CHECKS, "审核系统录入")
        + moves.why_not(entry, "check")
        + why_not_second(by, [entry.entered_by_id], SELF_CHECKED)
    )
    if duty is None or duty.held != duty.before:
        found.append(Reason("录入之后名单又有变动", "请退回，由经办按现在的名单重新录入"))
    return found


def why_not_withdraw(entry: SystemEntry, by: Appointment) -> list[Reason]:
    """Every reason why this entry can't be taken back."""
    return why_not_here(by, entry.school_id, ENTERS, "撤回系统录入") + moves.why_not(
        entry, "withdraw"
    )


def why_not_refuse(entry: SystemEntry, by: Appointment, answer: str) -> list[Reason]:
    """Every reason why this entry can't be sent back."""
    found = (
        why_not_here(by, entry.school_id, CHECKS, "退回系统录入")
        + moves.why_not(entry, "refuse")
        + why_not_second(by, [entry.entered_by_id], "录入的人不能退回自己的录入")
    )
    if not answer.strip():
        found.append(Reason("没有写明退回的原因", "请写明哪里要改"))
    return found
