"""A person at a browser: pages, their forms, and what one does when no answer comes."""

import http.cookiejar
import re
import secrets
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from html.parser import HTMLParser

ANSWER_WITHIN = 30.0
# How long a person goes on pressing reload before calling for help.
GIVE_UP_AFTER = 150.0
PASSWORD = "secret-of-the-cast"
# Done, or told why not. 5xx comes from what was killed; nothing else is an answer to a right form.
EXPECTED = (200, 409)


class GaveUp(Exception):
    """The site did not come back."""


@dataclass
class Form:
    """One form with what it would send untouched."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "form":
            self.inside = (found.get("method") or "").lower() == "post"
            if self.inside:
                self.forms.append(Form(found.get("action") or ""))
        elif tag == "input" and self.inside and found.get("name"):
            # Of several buttons in a row only the chosen one is sent.
            if found.get("type") == "radio" and "checked" not in found:
                return
            self.forms[-1].fields[str(found["name"])] = found.get("value") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False


@dataclass
class Page:
    """An answer."""

    url: str
    code: int
    body: bytes

    @property
    def text(self) -> str:
        """As text."""
        return self.body.decode(errors="replace")

    @property
    def words(self) -> str:
        """What a person reads on it."""
        main = self.text.partition("<main")[2]
        return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", main))

    def form(self, action: str, **having: str) -> Form | None:
        """The form that posts to an address with this end (empty: to the page itself)."""
        parser = _Forms()
        parser.feed(self.text)
        for found in parser.forms:
            fits = found.action.endswith(action) if action else not found.action
            if fits and having.items() <= found.fields.items():
                return Form(found.action or self.url, found.fields)
        return None

    def links(self, pattern: str) -> list[tuple[str, str]]:
        """Address and words of every link whose address fits."""
        found = re.findall(r'<a [^>]*href="([^"]*)"[^>]*>(.*?)</a>', self.text, re.S)
        return [(href, words) for href, words in found if re.search(pattern, href)]


class Browser:
    """One signed-in person; sessions survive whatever happens to the site."""

    def __init__(self, site: str, username: str) -> None:
        self.site, self.username = site, username
        self.jar = http.cookiejar.CookieJar()
        self.lost = 0
        # Answers that no kill excuses.
        self.odd: list[str] = []

    def sign_in(self) -> None:
        """Enter the office."""
        page = self.look("/accounts/login/")
        form = page.form("")
        assert form is not None
        landed = self.press(form, username=self.username, password=PASSWORD)
        assert landed is not None, self.username
        assert "login" not in landed.url, self.username

    def look(self, path: str) -> Page:
        """A page; whoever gets none, or an error, presses reload."""
        deadline = time.monotonic() + GIVE_UP_AFTER
        while time.monotonic() < deadline:
            page = self._ask(self._full(path))
            if page is not None and page.code < 500:
                return page
            time.sleep(0.3)
        raise GaveUp(f"{self.username} {path}")

    def press(
        self, form: Form, *, file: tuple[str, bytes] | None = None, **said: str
    ) -> Page | None:
        """Send a form once; None when no answer came, and nobody knows whether it arrived."""
        fields = {**form.fields, **said}
        if file is None:
            data = urllib.parse.urlencode(fields).encode()
            kind = "application/x-www-form-urlencoded"
        else:
            data, kind = _multipart(fields, *file)
        page = self._ask(self._full(form.action), data, kind)
        if page is None or page.code >= 500:
            self.lost += 1
            return None
        return page

    def _full(self, path: str) -> str:
        return urllib.parse.urljoin(self.site, path)

    def _ask(self, url: str, data: bytes | None = None, kind: str = "") -> Page | None:
        headers = {"Content-Type": kind} if kind else {}
        request = urllib.request.Request(url, data, headers)  # noqa: S310 — our own loopback
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))
        try:
            with opener.open(request, timeout=ANSWER_WITHIN) as answer:
                return Page(answer.url, answer.status, answer.read())
        except urllib.error.HTTPError as error:
            if error.code < 500 and error.code not in EXPECTED:
                self.odd.append(f"{self.username} {error.code} {error.url}")
            with error:
                return Page(error.url, error.code, error.read())
        except (OSError, http.client.HTTPException):
            return None


def _multipart(fields: dict[str, str], name: str, content: bytes) -> tuple[bytes, str]:
    edge = secrets.token_hex(12)
    parts = [
        f'--{edge}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
        for key, value in fields.items()
        if key != "file"
    ]
    parts.append(
        f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n".encode()
        + content
        + b"\r\n"
    )
    parts.append(f"--{edge}--\r\n".encode())
    return b"".join(parts), f"multipart/form-data; boundary={edge}"
