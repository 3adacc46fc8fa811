"""Turns what the database refused in a race into the reason that people read."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from django.db import IntegrityError, transaction

from audit.refusal import Reason, Refused

CONSTRAINTS: Mapping[str, Reason] = {
    "fund_once": Reason("这个文号的资金已经登记过", "请在资金台账里查看"),
    "fund_second_person": Reason("登记人不能确认自己登记的资金", "请由另一位审核人办理"),
    "fund_confirmed_stamp": Reason(
        "这笔资金在启用第二人确认之前已经入账，不能冲销", "请联系系统管理员"
    ),
    "award_once": Reason("名单里有人已经列入过本学期的这个项目", "请刷新页面后重新确定名单"),
    "card_one_per_student": Reason("这名学生已有一张在用的资助卡", "换卡请先挂失或更正原卡"),
    "card_one_student": Reason(
        "这个卡号已登记在另一名学生名下", "一人一卡，请核对卡面；不得借用同学的卡"
    ),
    "card_second_person": Reason("登记人不能核对自己登记的卡", "请由另一人核对"),
    "batch_number": Reason("刚有人建立了批次", "请再试一次"),
    "batch_one_draft": Reason("这个项目本学期已有编制中的批次", "请在那个批次里继续，或先把它作废"),
    "batch_second_person": Reason("编制或冻结的人不能审批同一批次", "请由审核人或分管领导审批"),
    "line_live_once": Reason("名单里有人已经在另一批次发放", "请刷新页面后重新冻结"),
    "line_retried_once": Reason("退汇的款项已经在另一批次补发", "请刷新页面后重新冻结"),
    "return_once": Reason("这个批次已经登记过回盘", "请刷新页面查看"),
    "return_file_once": Reason("这份回盘已经登记过", "请确认是不是选错了文件"),
    "rejection_one_open": Reason("已登记过银行整批退回，还没有确认", "请刷新页面查看"),
    "rejection_second_person": Reason(
        "登记退回或送出文件的人不能确认整批退回", "请由审核人或分管领导确认"
    ),
    "recovery_once": Reason("这笔付款已经在追回", "请刷新页面查看"),
    "recovery_second_person": Reason("提出追回的人不能自己决定", "请由审核人或分管领导决定"),
    "system_entry_number": Reason("刚刚有人登记过这份名单的录入", "请刷新页面查看"),
    "system_entry_one_waiting": Reason("这份名单的录入正在等待审核", "请刷新页面查看"),
    "system_entry_second_person": Reason("录入的人不能审核自己的录入", "请由审核人或分管领导审核"),
    "ledger_cause_once": Reason("这笔款项已经记账", "请刷新页面查看"),
}


@contextmanager
def explained() -> Iterator[None]:
    """Raise `Refused` instead of `IntegrityError` for the constraints that people can meet."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") or ""
        if name not in CONSTRAINTS:
            raise
        raise Refused([CONSTRAINTS[name]]) from None
