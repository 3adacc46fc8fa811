"""One student from the form to the recognition; last, since it moves the date for everybody."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from aidadmin.demo.rolls import Roll
from tests.e2e.conftest import Enter
from tests.e2e.steps import PHONE, button, fits, menu, say, todo

pytestmark = pytest.mark.e2e


@pytest.fixture
def stranger(site: str, browser: Browser) -> Iterator[Page]:
    """Someone who never signed in, on a phone."""
    context: BrowserContext = browser.new_context(
        viewport={"width": PHONE, "height": 900}, locale="zh-CN", base_url=site
    )
    yield context.new_page()
    context.close()


def apply_on_phone(teacher: Page, name: str) -> None:
    """The head teacher enters the family's form, is told what is missing, and hands it in."""
    todo(teacher, "录入家庭经济困难认定")
    button(teacher, "录入申请")
    search = teacher.locator("main input[name=q]")
    search.fill(name)
    search.press("Enter")
    say(teacher, "共1人")
    button(teacher, name)
    say(teacher, f"{name}的申请")
    fits(teacher)
    told = {
        "members-0-age": "63",
        "members-0-annual_income": "0",
        "members-1-name": "陈样父",
        "members-1-age": "44",
        "members-1-annual_income": "12000",
        "income_source": "务农",
        "debt": "治病欠债",
        "reason": "家庭经济困难",
        "committed_by": "陈样父",
        "committed_on": "2026-11-26",
    }
    for field, value in told.items():
        teacher.fill(f"[name={field}]", value)
    teacher.select_option("[name=members-1-relation]", "父亲")
    button(teacher, "保存，下一步：核对")
    say(teacher, "还不能提交", "没有收到身份证或户口簿复印件", "12,000.00元")
    fits(teacher)
    button(teacher, "去补齐")
    teacher.locator("label", has_text="户口簿复印件").click()
    button(teacher, "保存，下一步：核对")
    say(teacher, "户口簿复印件")
    button(teacher, "提交申请")
    say(teacher, f"已提交{name}的申请")


def appraise_on_phone(teacher: Page, name: str) -> None:
    """Votes by code; votes that don't add up are refused."""
    todo(teacher, "评议1人")
    fits(teacher)
    teacher.fill("[name=expected]", "7")
    teacher.fill("[name=present]", "7")
    button(teacher, "开始评议")
    say(teacher, "编号0001", "不念姓名")
    assert name not in teacher.inner_text("main"), "the panel talks of codes"
    votes = {"special": "1", "hard": "5", "general": "2", "none": "0", "abstain": "0"}
    for field, value in votes.items():
        teacher.fill(f"[name={field}]", value)
    teacher.fill("[name=reason]", "家访所见困难")
    button(teacher, "保存")
    say(teacher, "没有保存", "共8票，实到7人")
    assert teacher.locator(".saved").count() == 0
    teacher.fill("[name=general]", "1")
    button(teacher, "保存")
    say(teacher, "编号0001已保存", "困难5票")
    button(teacher, "提交1人的评议结果")
    say(teacher, "等待领导小组审定")


def meet(operator: Page, reviewer: Page) -> None:
    """Convened, attended, decided; confirmed by a second person."""
    button(operator, "召集会议")
    operator.fill("[name=place]", "二楼会议室")
    offices = operator.locator("[name=chair] option").all_inner_texts()
    leader = next(one for one in offices if one.endswith("，分管领导"))
    operator.select_option("[name=chair]", label=leader)
    ticked = operator.locator("label", has=operator.locator("input[name=members]:checked"))
    usual = ticked.all_inner_texts()
    assert sum(one.strip().endswith("，领导小组成员") for one in usual) == 3, usual
    button(operator, "安排会议，审定1人")
    say(operator, "会议已安排", "还没有登记到会情况")
    for box in operator.locator("input[name^=present_]").all():
        box.check()
    operator.locator("input[name^=recusal_]").last.fill("申请人的亲属")
    button(operator, "登记到会")
    say(operator, "已达到", "回避")
    voting = int(re.search(r"参加表决(\d+)人", operator.inner_text("main")).group(1))  # type: ignore[union-attr]
    operator.fill("[name=votes_for]", str(voting + 1))
    button(operator, "登记审定1人")
    say(operator, "没有登记成功", f"共{voting + 1}票，应为{voting}票")
    operator.fill("[name=votes_for]", str(voting))
    button(operator, "登记审定1人")
    say(operator, "已登记审定")
    assert operator.locator("button:has-text('确认审定')").count() == 0, "not by the same person"
    todo(reviewer, "确认会议审定")
    button(reviewer, "确认审定1人")
    say(reviewer, "已确认会议审定")


def publish(operator: Page, reviewer: Page) -> str:
    """Drafted by one, published by another; the public address."""
    todo(operator, "公示")
    if "/notice/" not in operator.url:
        button(operator, "起草公示")
    say(operator, "不得出现")
    button(operator, "起草1人的公示")
    say(operator, "公示已起草", "由另一人发布")
    assert operator.locator("button:has-text('发布1人的公示')").count() == 0
    expect(operator.locator("button", has_text="发布公示")).to_have_attribute(
        "aria-disabled", "true"
    )
    todo(reviewer, "发布")
    button(reviewer, "发布1人的公示")
    say(reviewer, "已发布", "到时自动撤下")
    return reviewer.input_value("input[aria-label=公示网页地址]")


def object_and_answer(stranger: Page, operator: Page, address: str, name: str) -> None:
    """Anybody reads the notice and objects; the school answers."""
    answer = stranger.goto(address)
    assert answer is not None
    assert answer.status == 200
    fits(stranger)
    say(stranger, "公示中", name)
    assert not re.search(r"990\d{14}|14200\d{6}", stranger.content())
    button(stranger, "网上提交异议")
    stranger.fill("[name=text]", "这名学生家里有新车，请学校再核实。")
    stranger.fill("[name=serial]", "1")
    stranger.fill("[name=contact]", "0000-5551234")
    button(stranger, "提交异议")
    say(stranger, "已收到您的异议")
    todo(operator, "异议")
    say(operator, "异议尚未答复")
    button(operator, "去答复")
    say(operator, "家里有新车")
    operator.locator("label", has_text="不成立").click()
    operator.fill("[name=conclusion]", "入户核实，车辆不属于该家庭。")
    button(operator, "答复异议")
    say(operator, "异议已答复")


def move_clock(page: Page, day: str) -> None:
    """The top bar's demonstration date."""
    page.click("details.clock summary")
    page.fill("details.clock input[name=date]", day)
    page.locator("details.clock button", has_text="选日期").click()
    page.wait_for_load_state()


def test_one_student_from_the_form_to_the_recognition(
    enter: Enter, stranger: Page, found: dict[str, Roll]
) -> None:
    name = found["minban"].pupils[0].name
    operator, reviewer = enter("minban-operator"), enter("minban-reviewer")
    teacher = enter("minban-teacher1", width=PHONE)

    todo(operator, "开2026—2027学年的认定批次")
    say(operator, "5个", "补开")
    button(operator, "开批次")
    say(operator, "已开")
    apply_on_phone(teacher, name)
    operator.reload()
    button(operator, "评审进度")
    button(operator, "接收1份申请")
    say(operator, "已接收1份申请", "班级尚未评议", "剩8个工作日，12月9日止")
    appraise_on_phone(teacher, name)
    operator.reload()
    button(operator, "确定1人的建议")
    say(operator, "已确定1人的建议")
    meet(operator, reviewer)
    address = publish(operator, reviewer)
    object_and_answer(stranger, operator, address, name)

    early = reviewer.locator("button", has_text=re.compile(r"确认\d+人"))
    assert early.count() == 0, "not before the period is over"
    move_clock(reviewer, "2026-12-05")
    gone = stranger.goto(address)
    assert gone is not None
    assert gone.status == 410
    say(stranger, "公示期已结束")
    assert name not in stranger.content()
    todo(reviewer, "公示")
    button(reviewer, "确认1人")
    say(reviewer, "已确认")
    menu(operator, "认定")
    row = operator.locator("main table tbody tr").filter(has_text=name)
    expect(row).to_contain_text("困难")
