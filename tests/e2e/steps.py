"""What a person does on any page: look for words, press, choose a file."""

import re

from playwright.sync_api import Page, expect

PHONE = 390
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def say(page: Page, *texts: str) -> None:
    """The page shows these words."""
    for text in texts:
        expect(page.locator("body")).to_contain_text(text)


OUTSIDE = ":not(aside *, .topbar *)"


def button(page: Page, words: str) -> None:
    """Press the first visible button with these words; where there is none, the link."""
    for kind in ("button", "a"):
        shown = page.locator(f"{kind}{OUTSIDE}").filter(has_text=words, visible=True)
        if shown.count() or kind == "a":
            shown.first.click()
            break
    page.wait_for_load_state()


def menu(page: Page, words: str) -> None:
    """Take a way of the menu, which a phone opens first."""
    if page.locator("a[data-menu]").is_visible():
        page.click("a[data-menu]")
    page.locator("nav[aria-label=主菜单] a").filter(
        has=page.locator(".nav-label", has_text=re.compile(f"^{words}$"))
    ).first.click()
    page.wait_for_load_state()


def todo(page: Page, words: str) -> None:
    """From the desk, take up the thing to do that says so."""
    page.goto("/")
    page.locator(".tasks li, .task").filter(has_text=words).locator("a").first.click()
    page.wait_for_load_state()


def fits(page: Page) -> None:
    over = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert over <= 0, f"{page.url}: {over}px too wide"


def choose(page: Page, name: str, content: bytes) -> None:
    """Put a file into the page's only zone."""
    page.set_input_files("input[type=file]", {"name": name, "mimeType": XLSX, "buffer": content})


def upload_roster(page: Page, name: str, content: bytes) -> None:
    menu(page, "学生名册")
    button(page, "导入名册")
    choose(page, name, content)
    button(page, "读取文件")


def enrolled(page: Page) -> str:
    """How many students the roster says it has."""
    menu(page, "学生名册")
    said = re.search(
        r"([\d,]+)名?人?.{0,6}在籍在校|在校([\d,]+)人|共([\d,]+)人", page.inner_text("main")
    )
    assert said, page.inner_text("main")[:300]
    return next(g for g in said.groups() if g)
