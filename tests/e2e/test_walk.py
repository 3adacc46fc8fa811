"""A term walked by people who have only the pages: links, forms, files and the phone."""

import io
import re
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from aidadmin.demo import files
from aidadmin.demo.people import Invention
from aidadmin.demo.rolls import Roll
from disbursement.bank_files import ANSWER, TOTAL
from tests.e2e.conftest import Enter
from tests.e2e.steps import PHONE, button, choose, enrolled, fits, menu, say, todo, upload_roster

pytestmark = pytest.mark.e2e

# What a workbook under a password is from outside: a compound file whose directory names a stream
# EncryptedPackage (the name in 64 bytes, then the name's size).
STREAM = "EncryptedPackage\0".encode("utf-16-le")
LOCKED = (
    bytes.fromhex("d0cf11e0a1b11ae1").ljust(512, b"\0")
    + STREAM.ljust(64, b"\0")
    + len(STREAM).to_bytes(2, "little")
).ljust(4096, b"\0")


# --- the roster ---


def with_one_more(roll: Roll) -> tuple[Roll, str]:
    """The roll with a student of the first class who was not on it, and the student's name."""
    more = deepcopy(roll)
    first = more.pupils[0]
    joined = Invention("joined", "990199").pupil(
        age=15,
        number=len(more.pupils) + 1,
        grade_name=first.grade_name,
        class_name=first.class_name,
    )
    joined.name = "陈新示样"
    more.pupils.append(joined)
    return more, joined.name


def test_a_roster_with_a_new_student_is_read_applied_and_approved(
    enter: Enter, found: dict[str, Roll]
) -> None:
    operator = enter("minban-operator")
    before = int(enrolled(operator))
    more, name = with_one_more(found["minban"])
    upload_roster(operator, "名册.xlsx", files.roster(more))
    say(operator, "没有错误", "新增", "1人", f"{before + 1}行", "都在文件里")
    assert int(enrolled(operator)) == before, "nothing is written before it is asked for"
    operator.go_back()
    button(operator, "写入名册（")
    say(operator, "名册已更新：新增1人，更改0人。")
    assert int(enrolled(operator)) == before + 1
    # The same file again changes nothing.
    upload_roster(operator, "名册.xlsx", files.roster(more))
    say(operator, "0人有变化")

    teacher = enter("minban-teacher1", width=PHONE)
    todo(teacher, "核对高一（1）班的名册")
    fits(teacher)
    say(teacher, name, "核对之后名册有变动")
    button(teacher, "名册无误，确认")
    say(teacher, "已确认高一（1）班名册")
    teacher.goto("/")
    assert "核对高一（1）班的名册" not in teacher.inner_text("main")


def bad_files(roll: Roll) -> Mapping[str, tuple[bytes, str]]:
    """Files that can't be a roster, and what the page must say of each."""
    book = openpyxl.Workbook()
    out = io.BytesIO()
    book.save(out)
    return {
        "空.xlsx": (b"", "文件是空的"),
        "通知.xlsx": (b"%PDF-1.7 this is no workbook", "这是 PDF 文件，不是表格"),
        "加密.xlsx": (LOCKED, "文件有密码。请在 Excel 中取消密码"),
        "空表.xlsx": (out.getvalue(), "没有写入"),
        "数字.xlsx": (files.float_ids(roll), "Excel把号码存成了数字"),
        "错号.xlsx": (files.wrong_digits(roll), "最后一位校验码不对"),
    }


def test_bad_files_are_refused_in_words_and_change_nothing(
    enter: Enter, found: dict[str, Roll]
) -> None:
    operator = enter("minban-operator")
    before = enrolled(operator)
    for name, (content, words) in bad_files(found["minban"]).items():
        upload_roster(operator, name, content)
        say(operator, words)
        said = operator.inner_text("main")
        assert "Traceback" not in said
        assert "Error" not in said
        if "号" in name:
            assert "另一名学生已用" not in said, "one mistake is one error"
        # A file that could be read waits with nothing to write.
        assert operator.locator("button:has-text('写入名册（')").count() == 0, name
    assert enrolled(operator) == before


def test_a_departments_list_is_matched_and_split_to_schools(
    enter: Enter, found: dict[str, Roll]
) -> None:
    officer = enter("dong-operator")
    menu(officer, "特殊群体比对")
    button(officer, "上传")
    officer.select_option("select[name=group]", label="低保家庭学生")
    choose(officer, "低保.xlsx", files.department_lists(found, "dong")["dibao"])
    button(officer, "读取名单")
    say(officer, "待比对")
    button(officer, "比对")
    say(officer, "比对结果", "不在所辖学校的名册中", "分到各学校")
    say(officer, "示范第一高级中学", "示范明德民办高级中学")
    # A bureau sees how many, never who.
    listed = next(p for p in found["gaozhong"].pupils if "dibao" in p.groups)
    assert listed.name not in officer.inner_text("main")


# --- money ---


def bank_answer(sent: bytes, *, failures: int) -> bytes:
    """What the bank makes of our file: its own columns behind ours."""
    book = openpyxl.load_workbook(io.BytesIO(sent))
    sheet = book.active
    assert sheet is not None
    width = sheet.max_column
    for n, row in enumerate(sheet.iter_rows()):
        if n == 0:
            words: tuple[str, ...] = ANSWER
        elif row[0].value == TOTAL:
            continue
        elif n <= failures:
            words = ("失败", "账户未激活", "")
        else:
            words = ("成功", "", "2026-11-27")
        for column, text in enumerate(words, width + 1):
            sheet.cell(n + 1, column, text)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def take_file(finance: Page) -> bytes:
    """Download the bank's file with a reason; its question closes itself and serves again."""
    taken = []
    for _ in range(2):
        finance.locator("a[data-opens=take]").click()
        with finance.expect_download() as download:
            finance.locator("dialog[open] button", has_text="下载").click()
        expect(finance.locator("dialog[open]")).to_have_count(0)
        taken.append(Path(download.value.path()).read_bytes())
    assert taken[0] == taken[1]
    return taken[0]


def test_a_batch_is_paid_returned_and_followed_up(enter: Enter) -> None:
    operator, finance = enter("zhizhong-operator"), enter("zhizhong-finance")
    reviewer = enter("zhizhong-reviewer")
    menu(operator, "发放")
    say(operator, "等待发放", "还没有发放批次")
    button(operator, "编制批次")
    say(operator, "暂缓", "没有资助卡", "可用资金")
    expect(operator.locator("button", has_text="冻结")).to_have_attribute("aria-disabled", "true")

    todo(finance, "冻结")
    say(finance, "没有资助卡")
    freeze = finance.locator("main button", has_text=re.compile(r"冻结\d+笔"))
    lines = re.search(r"(\d+)笔", freeze.inner_text())
    assert lines
    count = int(lines.group(1))
    freeze.dblclick()
    say(finance, f"已冻结{count}笔", "两个数一致", "已冻结，待审批")
    # A second person approves, and the page says who.
    approve = finance.locator("main button", has_text=re.compile(r"审批\d+笔"))
    expect(approve).to_have_attribute("aria-disabled", "true")
    say(finance, "由审核人或分管领导审批，不能是编制或冻结的人")
    menu(finance, "发放")
    assert finance.locator("main table tbody tr").filter(has_text="FF-2026").count() == 1

    todo(reviewer, "审批")
    batch = reviewer.url
    button(reviewer, f"审批{count}笔")
    say(reviewer, "已审批")
    reviewer.go_back()
    reviewer.wait_for_load_state()
    expect(reviewer.locator("button", has_text=f"审批{count}笔")).to_have_count(0)

    finance.goto(batch)
    button(finance, "送银行")
    finance.locator("dialog[open] button", has_text="生成银行文件").click()
    say(finance, "银行文件已生成", "三个数一致")
    sent = take_file(finance)
    choose(finance, "回盘.xlsx", b"%PDF-1.7 no answer")
    button(finance, "登记回盘")
    say(finance, "不是表格")
    finance.goto(batch)
    choose(finance, "回盘.xlsx", bank_answer(sent, failures=2))
    button(finance, "登记回盘")
    say(finance, f"到账{count - 2}笔，退汇2笔", "三个数一致", "回盘也相符", "账户未激活")

    todo(operator, "补发")
    button(operator, "为2名退汇学生补发")
    say(operator, "已编制补发批次", "第2批", "冻结2笔")
    menu(operator, "发放")
    assert operator.locator("main table tbody tr").filter(has_text="FF-2026").count() == 2


# --- 排查 ---


def test_a_class_is_verified_on_a_phone(enter: Enter) -> None:
    operator = enter("gaozhong-operator")
    menu(operator, "学期排查")
    button(operator, "开始本学期排查")
    say(operator, "请班主任逐一核实", "各班核实进度")

    teacher = enter("gaozhong-teacher1", width=PHONE)
    todo(teacher, "学期排查")
    fits(teacher)
    say(teacher, "应助未助", "已核实0人")
    # One by one: the page stays where it was.
    one = teacher.locator("article").filter(has_text="核实无误").first
    one.locator("button", has_text="核实无误").click()
    say(teacher, "已核实1人")
    teacher.locator(".member button", has_text="不困难").first.click()
    say(teacher, "已核实2人")
    button(teacher, "全部核实")
    # Those whom nobody aids are explained one by one.
    for _ in range(10):
        if not teacher.locator("a", has_text="写原因和措施").count():
            break
        button(teacher, "写原因和措施")
        fits(teacher)
        teacher.fill("[name=reason]", "家长尚未提交助学金申请")
        teacher.fill("[name=measure]", "上门说明政策，帮助补办申请")
        teacher.fill("[name=measure_due_on]", "2026-12-31")
        teacher.locator("button[form=page]").click()
        teacher.wait_for_load_state()
    say(teacher, "全部核实")
    operator.reload()
    row = operator.locator("tr").filter(has=operator.get_by_text("高一（1）班", exact=True))
    expect(row.first).not_to_contain_text("0/")


# --- walls ---


def test_another_schools_pages_are_not_found(enter: Enter) -> None:
    theirs, ours = enter("gaozhong-operator"), enter("chuzhong-operator")
    menu(theirs, "学生名册")
    addresses = [
        theirs.locator("main table a[href^='/students/roster/']").first.get_attribute("href")
    ]
    for place in ("资助项目与批次", "评审会议", "公示", "发放"):
        menu(theirs, place)
        link = theirs.locator("main table th a").first
        if link.count():
            addresses.append(link.get_attribute("href"))
    assert len(addresses) >= 4
    for address in addresses:
        assert address
        answer = ours.goto(address)
        assert answer is not None
        assert answer.status == 404, address
        say(ours, "没有找到")
        button(ours, "回到首页")


def test_the_leader_finds_the_way(enter: Enter) -> None:
    leader = enter("gaozhong-leader")
    places = leader.locator("nav[aria-label=主菜单] a").evaluate_all("all => all.map(a => a.href)")
    assert len(places) >= 5
    for place in places:
        answer = leader.goto(place)
        assert answer is not None
        assert answer.status == 200, place
        expect(leader.locator("main h1")).to_be_visible()
    menu(leader, "发放")
    leader.locator("main table a").first.click()
    say(leader, "三个数一致", "退汇")
    assert leader.locator("main button:has-text('冻结')").count() == 0
