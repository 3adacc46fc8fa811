"""One school's office: it pays its programmes one by one, whatever falls over meanwhile."""

import random
import re
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from disbursement.models import PaymentBatch
from tests.soak.bank import Bank
from tests.soak.browser import Browser, Form, Page
from tests.soak.stack import VICTIMS, Stack

# A person tries a step again so often before saying that it can't be done.
TRIES = 80
TWICE = 0.15
# Seconds that a press takes at most, and a job.
PRESS, WORK = 0.25, 2.0
BATCHES = "/disbursement/batches/"
Status = PaymentBatch.Status
TASKS = ("task worker",)


@dataclass
class Siege:
    """What all offices share: the stack, the bank, and how many are to be killed."""

    stack: Stack
    chance: random.Random
    wanted: int
    density: float
    seen: Counter[str] = field(default_factory=Counter)
    finished: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    jobs: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.strikers = ThreadPoolExecutor(1)

    @property
    def goes_on(self) -> bool:
        """Whether somebody is still to be killed."""
        return self.stack.killed.total() < self.wanted

    def summary(self) -> str:
        """Who was killed how often, what the offices saw, and what they got done."""
        parts = {"killed": self.stack.killed, "seen": self.seen, "jobs": self.jobs}
        told = [f"{name}: {dict(sorted(counted.items()))}" for name, counted in parts.items()]
        waits = sorted(self.stack.recovered)
        told.append(f"well again: median {waits[len(waits) // 2]:.1f} s, at most {waits[-1]:.1f} s")
        return "\n".join(["", *told, f"programmes paid: {len(self.finished)}"])

    def perhaps_strike(self, *, job: bool) -> None:
        """Kill somebody during what comes next, or nobody."""
        if not self.goes_on or self.chance.random() > (0.8 if job else self.density):
            return
        fits = {name: n for name, n in VICTIMS.items() if (name in TASKS) is job}
        (victim,) = self.chance.choices(list(fits), list(fits.values()))
        after = self.chance.uniform(0, WORK if job else PRESS)
        self.strikers.submit(self._strike, victim, after)

    def _strike(self, victim: str, after: float) -> None:
        try:
            if self.goes_on:
                self.stack.strike(self.chance, victim, after)
        except AssertionError as error:
            self.errors.append(str(error))


class Office:
    """Operator, reviewer and finance of one school, each at a browser."""

    def __init__(self, siege: Siege, stock: dict[str, Any]) -> None:
        self.siege, self.stock = siege, stock
        letter = stock["letter"].lower()
        self.people = {
            duty: Browser(siege.stack.address, f"{duty}-{letter}")
            for duty in ("operator", "reviewer", "finance")
        }
        self.bank = Bank(siege.chance.choice)
        for person in self.people.values():
            person.sign_in()

    def work(self) -> None:
        """Pay programme after programme until enough were killed."""
        for name in self.stock["programmes"]:
            if not self.siege.goes_on or self.siege.errors:
                return
            self._want_files()
            self._settle(self._draft(name))
            self.siege.finished.append(name)

    # --- one batch ---

    def _draft(self, name: str) -> str:
        for _ in range(TRIES):
            page = self.people["operator"].look(BATCHES)
            for href, words in page.links(r"/batches/\d+/$"):
                if words.startswith(f"{name}发放"):
                    return href
            row = re.search(rf'>{name}</th>.*?name="programme" value="(\d+)"', page.text, re.S)
            form = page.form("/draft/", programme=row.group(1)) if row else None
            self._press("operator", form)
        raise AssertionError(f"{name} was not drafted")

    def _settle(self, url: str, *, again: bool = False) -> None:
        for _ in range(TRIES):
            page = self.people["operator"].look(url)
            if self._status(page) == Status.CLOSED:
                return
            self._go_on(url, page, again)
        raise AssertionError(f"{url} stayed: {self.people['finance'].look(url).words}")

    def _go_on(self, url: str, page: Page, again: bool) -> None:
        match self._status(page):
            case Status.DRAFT:
                self._press("finance", self.people["finance"].look(url).form("/freeze/"))
            case Status.FROZEN:
                self._press("reviewer", self.people["reviewer"].look(url).form("/approve/"))
            case Status.APPROVED:
                profile = self.siege.chance.choice(("xlsx", "txt", "txt_gbk"))
                form = self.people["finance"].look(url).form("/send/")
                self._press("finance", form, profile=profile)
            case Status.SENT:
                self._bring_to_the_bank(url, again)
            case Status.RETURNED:
                self._after_the_return(url, page)

    def _bring_to_the_bank(self, url: str, again: bool) -> None:
        for _ in range(2):
            content = self._take(url)
            if content is None:
                return
        assert content is not None
        profile = "xlsx" if content[:2] == b"PK" else _text_profile(content)
        answer = self.bank.receive(url, profile, content, refuse_one=not again)
        name = "回盘.xlsx" if profile == "xlsx" else "回盘.txt"
        form = self.people["finance"].look(url).form("/return/")
        self._press("finance", form, file=(name, answer))

    def _take(self, url: str) -> bytes | None:
        form = self.people["finance"].look(url).form("/file/")
        page = self._press("finance", form)
        return page.body if page is not None and page.code == 200 else None

    def _after_the_return(self, url: str, page: Page) -> None:
        followers = re.findall(rf'href="({BATCHES}\d+/)">FF-', _after(page.text, "原批次不改动"))
        if followers:
            self._settle(followers[-1], again=True)
            page = self.people["operator"].look(url)
        if self._status(page) == Status.RETURNED:
            form = page.form("/close/") or (None if followers else page.form("/follow-up/"))
            self._press("operator", form)

    def _status(self, page: Page) -> str:
        found = re.search(r'class="tag[^"]*"[^>]*>(?:<[^>]*>)*([^<]+)<', page.text)
        assert found, page.text
        return {label: value for value, label in Status.choices}[found.group(1).strip()]

    # --- pressing ---

    def _press(
        self,
        duty: str,
        form: Form | None,
        *,
        job: bool = False,
        file: tuple[str, bytes] | None = None,
        **said: str,
    ) -> Page | None:
        """Press a button under fire, now and then twice; what came of it shows on the page."""
        if form is None:
            self.siege.seen["nothing to press"] += 1
            return None
        self.siege.perhaps_strike(job=job)
        person = self.people[duty]

        def press() -> Page | None:
            page = person.press(form, file=file, **said)
            self.siege.seen["no answer" if page is None else f"answer {page.code}"] += 1
            return page

        twice = not job and self.siege.chance.random() < TWICE
        return self._twice(press) if twice else press()

    def _twice(self, press: Callable[[], Page | None]) -> Page | None:
        with ThreadPoolExecutor(2) as hands:
            first, second = hands.map(lambda _: press(), range(2))
        return first if first is not None and first.code == 200 else second

    # --- long work meanwhile ---

    def _want_files(self) -> None:
        page = self.people["operator"].look(f"/archive/classes/{self.stock['class']}/")
        self._press("operator", page.form(""), job=True)

    def jobs(self) -> dict[str, Page]:
        """Every piece of long work and its page now."""
        operator = self.people["operator"]
        found: set[str] = set()
        for number in range(1, TRIES):
            links = operator.look(f"/office/jobs/?page={number}").links(r"/jobs/\d+/$")
            more = {href for href, _ in links}
            if more <= found:
                break
            found |= more
        return {href: operator.look(href) for href in found}

    def end_of(self, page: Page) -> str:
        """How a piece of long work ended: open, done with its file, or with a word why not."""
        if page.form("/stop/"):
            return "open"
        form = page.form("/result/")
        if form is None:
            return "failed" if "没有完成" in page.text else "lost"
        taken = self.people["operator"].press(form)
        return "done" if taken is not None and taken.body.startswith(b"%PDF") else "no file"

    @property
    def odd(self) -> list[str]:
        """Answers that no kill excuses."""
        return [odd for person in self.people.values() for odd in person.odd]

    def take_again(self) -> list[str]:
        """Batches whose bank file is not, byte for byte, what the bank got."""
        self.siege.wanted = 0
        return [url for url, content in self.bank.files.items() if self._take(url) != content]

    def told(self) -> dict[str, Any]:
        """What must be so: what was due, what arrived, and which programmes are finished."""
        finished = [name for name in self.stock["programmes"] if name in self.siege.finished]
        return self.stock | {
            "paid": self.bank.paid,
            "books": self.bank.books,
            "finished": finished,
        }


def _after(text: str, words: str) -> str:
    return text.partition(words)[2]


def _text_profile(content: bytes) -> str:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "txt_gbk"
    return "txt"
