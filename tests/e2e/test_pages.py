"""Every page that a role can reach by its links answers, fits the screen and pleases axe."""

from collections import deque
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import Resolver404, resolve
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page, Response

from tests.e2e.conftest import Enter

pytestmark = pytest.mark.e2e

ROLES = (
    "gaozhong-operator",
    "gaozhong-reviewer",
    "gaozhong-finance",
    "gaozhong-teacher1",
    "minban-operator",
    "dong-operator",
    "admin",
)
SERIOUS = {"serious", "critical"}
# More views than anybody reaches; who comes so far would not have been looked at whole.
MOST = 200


def views_reached(page: Page, limit: int = MOST) -> list[tuple[str, str]]:
    """One address per view, following links from the desk, at most `limit`."""
    seen: dict[str, str] = {}
    skipped: set[str] = set()
    waiting = deque(["/"])
    while waiting and len(seen) < limit:
        path = waiting.popleft()
        name = view_of(path)
        if name is None or name in seen or name in skipped:
            continue
        response = open_page(page, path)
        if response is None:
            skipped.add(name)
            continue
        seen[name] = path
        assert response.status == 200, f"{path}: {response.status}"
        links = page.eval_on_selector_all("a[href]", "all => all.map(a => a.href)")
        waiting += [urlsplit(link).path for link in links if _same_site(link, page.url)]
    return list(seen.items())


def open_page(page: Page, path: str) -> Response | None:
    """The answer, or None for a download, which is no page."""
    try:
        return page.goto(path)
    except PlaywrightError as error:
        if "Download is starting" in str(error):
            return None
        raise


def _same_site(link: str, here: str) -> bool:
    return urlsplit(link).netloc == urlsplit(here).netloc


def view_of(path: str) -> str | None:
    try:
        match = resolve(path)
    except Resolver404:
        return None
    # Downloads are no pages.
    skipped = ("export", "download", "schema", "docs", "pdf", "file", "logout", "api")
    if any(word in (match.view_name or "") for word in skipped):
        return None
    return match.view_name


@pytest.mark.parametrize("username", ROLES)
def test_every_page_answers_fits_and_pleases_axe(enter: Enter, username: str) -> None:
    page, phone = enter(username), enter(username, width=390)
    problems: list[str] = []
    reached = views_reached(page)
    assert 3 <= len(reached) < MOST
    for name, path in reached:
        for screen in (page, phone):
            screen.goto(path)
            over = screen.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            if over > 0:
                problems.append(f"{name}: {over}px too wide for {screen.viewport_size}")
        for violation in Axe().run(page).response["violations"]:
            if violation["impact"] in SERIOUS:
                where = violation["nodes"][0]["target"]
                problems.append(f"{name}: {violation['id']} {where}")
    assert problems == []


def test_a_page_works_without_script(enter: Enter) -> None:
    page = enter("gaozhong-operator", script=False)
    page.goto("/students/?q=zsy")
    assert page.locator("main").is_visible()


def test_an_unknown_address_says_so_in_chinese(enter: Enter) -> None:
    page = enter("gaozhong-operator")
    response = page.goto("/students/999999999/")
    assert response is not None
    assert response.status == 404
    assert "没有找到" in page.inner_text("main") or "不存在" in page.inner_text("main")
