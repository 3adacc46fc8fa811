"""A family with an old phone: the letter's QR, the five pages without JavaScript, the receipt."""

import io
from collections.abc import Iterator
from urllib.parse import urlsplit

import pypdfium2
import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, FilePayload, Page

from aidadmin.demo.people import Pupil
from aidadmin.demo.rolls import Roll, rolls
from tests.e2e.conftest import Enter
from tests.e2e.steps import PHONE, button, fits, menu, say

pytestmark = pytest.mark.e2e


@pytest.fixture(params=[False])
def phone(site: str, browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A phone that is signed in nowhere; its browser runs no script unless a test asks for it."""
    context: BrowserContext = browser.new_context(
        viewport={"width": PHONE, "height": 900},
        locale="zh-CN",
        java_script_enabled=request.param,
        base_url=site,
    )
    yield context.new_page()
    context.close()


def printed_letter(teacher: Page) -> str:
    """The head teacher prints the class's letter; what a phone reads of its QR."""
    menu(teacher, "资助项目与批次")
    teacher.locator("main a", has_text="家庭经济困难认定").first.click()
    button(teacher, "家长填报")
    with teacher.expect_download() as waiting:
        teacher.locator("main button", has_text="打印信").first.click()
    printed = pypdfium2.PdfDocument(waiting.value.path())
    image = printed[0].render(scale=2, grayscale=True).to_pil()
    (found,) = zxingcpp.read_barcodes(image)
    return str(found.text)


def child_without_application(teacher: Page, roll: Roll) -> Pupil:
    """Somebody of the class who has not applied, as the teacher's list and the roster say."""
    menu(teacher, "资助项目与批次")
    teacher.locator("main a", has_text="家庭经济困难认定").first.click()
    button(teacher, "录入申请")
    numbers = set(teacher.locator("main td[data-l='学号']").all_inner_texts())
    return next(p for p in roll.pupils if p.student_no in numbers)


def photograph(width: int = 640, height: int = 480) -> bytes:
    out = io.BytesIO()
    Image.effect_noise((width, height), 60).convert("RGB").save(out, "JPEG", quality=92)
    return out.getvalue()


def take(page: Page, taken: bytes) -> None:
    picture: FilePayload = {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": taken}
    page.set_input_files("input[name=file]", picture)


def upload(page: Page, kind: str) -> None:
    page.select_option("select[name=kind]", label=kind)
    page.locator("button", has_text="上传这一份").click()
    say(page, kind)


def choose(page: Page, name: str, value: str) -> None:
    page.locator(f"label:has(input[name={name}][value='{value}'])").click()


def go_on(page: Page) -> None:
    fits(page)
    page.locator("button[form=page]").click()


def as_far_as_papers(phone: Page, address: str, pupil: Pupil) -> None:
    """From the letter's QR through the first four pages."""
    phone.goto(urlsplit(address).path)
    phone.fill("input[name=name]", pupil.name)
    phone.fill("input[name=tail]", pupil.id_number[-6:])
    go_on(phone)

    say(phone, "谁来填写")
    phone.fill("input[name=name]", "张样泽")
    choose(phone, "relation", "father")
    phone.fill("input[name=phone]", "13900000000")
    phone.fill("input[name=address]", "示范市示范镇样例村1号")
    go_on(phone)
    say(phone, "同意后才能填写")
    phone.check("input[name=consents]")
    choose(phone, "relation", "father")
    go_on(phone)

    say(phone, "家里有哪些人")
    phone.fill("input[name=name]", "张样泽")
    choose(phone, "relation", "父亲")
    phone.fill("input[name=age]", "44")
    phone.fill("input[name=annual_income]", "12000")
    go_on(phone)
    say(phone, "收入")
    go_on(phone)
    say(phone, "特殊")
    go_on(phone)

    say(phone, "材料和承诺")


def promise(phone: Page) -> None:
    phone.fill("textarea[name=reason]", "父母务工，收入低")
    phone.check("input[name=agrees]")
    phone.fill("input[name=committed_by]", "张样泽")
    go_on(phone)


def test_a_family_hands_in_without_a_script(enter: Enter, phone: Page) -> None:
    teacher = enter("gaozhong-teacher1")
    address = printed_letter(teacher)
    pupil = child_without_application(teacher, rolls()["gaozhong"])
    as_far_as_papers(phone, address, pupil)
    take(phone, photograph())
    upload(phone, "户口簿")
    # No canvas without a script: the commitment is written on paper and photographed.
    take(phone, photograph())
    upload(phone, "手写承诺书")
    promise(phone)
    say(phone, "核对后提交", "12,000元")
    fits(phone)
    late = phone.locator("textarea[name=late_reason]")
    if late.count():
        late.fill("刚知道可以申请")
    phone.locator("button[form=page]").click()
    say(phone, "已提交，等班主任核对", pupil.name)
    fits(phone)


@pytest.mark.parametrize("phone", [True], indirect=True)
def test_a_photograph_is_shrunk_on_the_phone_and_a_finger_signs(enter: Enter, phone: Page) -> None:
    teacher = enter("gaozhong-teacher1")
    address = printed_letter(teacher)
    as_far_as_papers(phone, address, child_without_application(teacher, rolls()["gaozhong"]))
    taken = photograph(4000, 3000)
    take(phone, taken)
    phone.wait_for_selector("[data-shrink-note]:not([hidden])")
    sent = phone.locator("input[name=file]").evaluate("input => input.files[0].size")
    assert 0 < sent < len(taken) / 2
    upload(phone, "户口簿")

    pad = phone.locator("canvas")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box
    phone.mouse.move(box["x"] + 40, box["y"] + 80)
    phone.mouse.down()
    phone.mouse.move(box["x"] + 200, box["y"] + 40, steps=8)
    phone.mouse.up()
    promise(phone)
    say(phone, "核对后提交")
    drawn = "image => image.decode().then(() => image.naturalWidth)"
    assert phone.locator("img[alt=签名]").evaluate(drawn) > 0
