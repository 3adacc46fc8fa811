"""A class panel votes blindly on its members' phones: slips shown, handed in once, counted."""

import io
import re
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
import zxingcpp
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.conftest import Enter
from tests.e2e.steps import PHONE, button, fits, say, todo

pytestmark = pytest.mark.e2e

# The one class of the school standing before its leading group that has not been appraised.
CHAIR = "xiaoxue-teacher12"
PARENT = "张样泽"
SERIOUS = {"serious", "critical"}

Phone = Callable[..., Page]


@pytest.fixture
def phone(site: str, browser: Browser) -> Iterator[Phone]:
    """`phone()` is a member's own: signed in nowhere and running no script unless `script`."""
    contexts: list[BrowserContext] = []

    def taken_out(*, script: bool = False) -> Page:
        context = browser.new_context(
            viewport={"width": PHONE, "height": 900},
            locale="zh-CN",
            java_script_enabled=script,
            base_url=site,
        )
        contexts.append(context)
        return context.new_page()

    yield taken_out
    for context in contexts:
        context.close()


def pleases_axe(page: Page) -> None:
    found = Axe().run(page).response["violations"]
    assert [v["id"] for v in found if v["impact"] in SERIOUS] == [], page.url


def form_panel(chair: Page) -> None:
    """Three classmates and a parent, named by the head teacher; all four have come."""
    todo(chair, "评议")
    button(chair, "先组成评议小组")
    chair.locator("label", has_text=re.compile("^指定$")).click()
    chair.locator("summary", has_text="指定学生").click()
    for label in chair.locator("label:has(input[name=students])").all()[:3]:
        label.click()
    chair.fill("[name=others]", f"家长 {PARENT}")
    chair.fill("[name=size_reason]", "成员自带手机的人数有限")
    fits(chair)
    button(chair, "组成评议小组")
    say(chair, "评议小组4人")
    button(chair, "去评议")
    chair.fill("[name=present]", "4")
    button(chair, "开始评议")


def shown_address(chair: Page) -> str:
    """Where the QR code on the head teacher's screen leads, as a camera reads it."""
    say(chair, "用自己的手机扫")
    fits(chair)
    shot = chair.locator("[role=img]").screenshot()
    (read,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(shot)).convert("L"))
    return urlsplit(str(read.text)).path


def fill_in(member: Page, address: str, grade: str) -> None:
    """From the scan to the page that asks whether it is right."""
    member.goto(address)
    say(member, "评议投票", "无记名")
    assert address not in member.url, "the address says nothing of whose vote it is"
    fits(member)
    for one in member.locator("section.candidate").all():
        one.locator(f"label:has(input[value={grade}])").click()
    button(member, "下一步：核对")
    say(member, "核对后投出", "投出后不能改")
    fits(member)


def vote(member: Page, address: str, grade: str) -> None:
    """Handed in once; the page that stood open beside it is told so."""
    beside = member.context.new_page()
    for page in (member, beside):
        fill_in(page, address, grade)
    button(member, "投出")
    say(member, "您的票已投出")
    fits(member)
    button(beside, "投出")
    say(beside, "这张票已经投过", "每人投一次")
    fits(beside)
    beside.goto(address)
    say(beside, "您的票已投出")
    expect(beside.locator("main form")).to_have_count(0)


def explain(chair: Page) -> None:
    """Where the vote differs from the score, the reason is asked for before anything is sent."""
    owing = chair.locator("article.candidate", has_text="要写理由")
    if owing.count():
        say(chair, "逐件写明理由后提交")
        fits(chair)
    while owing.count():
        owing.first.get_by_role("link", name="写理由").click()
        chair.fill("[name=reason]", "家访所见和评分不同")
        button(chair, "保存")


def test_a_panel_votes_by_phone(enter: Enter, phone: Phone) -> None:
    chair = enter(CHAIR, width=PHONE)
    form_panel(chair)
    button(chair, "或由成员用手机投票")
    say(chair, "每名成员一张票")
    fits(chair)
    pleases_axe(chair)
    button(chair, "开始手机投票")
    say(chair, "手机投票已开始", "至少3张才能收票")
    board = chair.url
    cases = int(re.search(r"(\d+)件，无记名", chair.inner_text("main")).group(1))  # type: ignore[union-attr]

    for n, grade in enumerate(("hard", "hard", "general"), 1):
        waiting = chair.locator(".member").filter(has_text="还没有出示二维码").first
        waiting.locator("button").click()
        address = shown_address(chair)
        if n == 1:
            pleases_axe(chair)
            seen = phone(script=True)
            seen.goto(address)
            say(seen, "评议投票")
            pleases_axe(seen)
        vote(phone(), address, grade)
        chair.goto(board)
        say(chair, f"已投{n}人", f"{n}/4")
        assert not re.search(r"困难\d票", chair.inner_text("body")), "nobody sees figures yet"
    fits(chair)
    pleases_axe(chair)

    button(chair, "收票")
    say(chair, "收票后计弃权")
    chair.locator("dialog[open] button", has_text="1人计弃权，收票").click()
    say(chair, "已收票", f"{cases}人的票数已登记", "4张票，投出3张")
    counted = chair.locator("article.candidate")
    expect(counted).to_have_count(cases)
    for one in counted.all():
        expect(one).to_contain_text("困难2票，一般困难1票，弃权1票，共4票")
    fits(chair)
    pleases_axe(chair)
    late = phone()
    late.goto(address)
    say(late, "已经收票")

    button(chair, "回到班级评议")
    say(chair, "手机投票的结果")
    explain(chair)
    button(chair, f"提交{cases}人的评议结果")
    say(chair, "等待领导小组审定")
