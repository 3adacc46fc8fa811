"""Who may do what with money, and who may not do the second half."""

from collections.abc import Iterable, Mapping, Sequence

from audit.refusal import Reason
from disbursement.models import PaymentBatch
from schools.models import Appointment
from schools.roles import Role


def why_not_here(by: Appointment, school_id: int, roles: Iterable[Role], what: str) -> list[Reason]:
    """The actor works for this school, in a role that does this."""
    wanted = sorted(roles)
    if by.organisation_id == school_id and by.role in {str(r) for r in wanted}:
        return []
    labels = "、".join(str(Role(r).label) for r in wanted)
    return [Reason(f"您的职责不能{what}", f"请由本校的{labels}办理")]


def why_not_second(by: Appointment, first: Iterable[int | None], what: str) -> list[Reason]:
    """Who did the first half does not do the second."""
    if by.person_id not in first:
        return []
    return [Reason(what, "请由另一位审核人或分管领导办理")]


def why_no_button(by: Appointment, roles: Iterable[Role], made: Sequence[str]) -> str:
    """In words, why this person is not the second one; empty when they may be.

    `made` is what they did of it themselves.
    """
    labels = "或".join(str(Role(r).label) for r in sorted(roles, reverse=True))
    if by.role not in {str(r) for r in roles}:
        return f"由{labels}办理，您的职责是{by.get_role_display()}"
    if made:
        return f"您{made[0]}，须由另一位{labels}办理"
    return ""


def why_no_reason(reason: str, what: str) -> list[Reason]:
    """What is taken back is taken back for a reason that can be read later."""
    return [] if reason.strip() else [Reason(f"没有写明{what}的原因", "请写明原因")]


def why_not_approve(
    batch: PaymentBatch,
    by: Appointment,
    *,
    shown: str,
    now: str,
    made: Iterable[str] = (),
) -> list[Reason]:
    """A second person approves what was frozen: the hash shown, kept and recomputed are one.

    `made` is what this person did for this money in an earlier role.
    """
    mend = "请由另一位审核人或分管领导审批"
    found = [Reason(f"您{what}，不能审批这个批次", mend) for what in made]
    if by.person_id in (batch.drafted_by_id, batch.freeze_by_id):
        found.append(Reason("编制或冻结的人不能审批同一批次", "请由另一位审核人或分管领导审批"))
    if shown != batch.content_hash:
        found.append(Reason("您看到的内容与现在冻结的不同", "请刷新页面，重新核对后再审批"))
    if now != batch.content_hash:
        found.append(Reason("冻结的明细与内容指纹不符", "请退回编制，重新冻结"))
    return found


def why_not_close(unpaid: Mapping[str, int]) -> list[Reason]:
    """A batch is settled when every line arrived, was paid again, or its award was revoked."""
    return [
        Reason(f"{count}笔退汇{text}", "请补发，或取消资助后再结清", count=count)
        for text, count in unpaid.items()
        if count
    ]
