"""Pages of people behind the walls, 500,000 students beside 500, with 32 readers at once.

Two schools of one database, with as many classes each: what grows is the number of students alone.
"""

import os
import statistics
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, cast
from urllib.parse import quote

from django.conf import settings
from django.test import Client
from django.urls import reverse

from bench import ground
from bench.load import Answers, asked, page, served
from office import bulk
from privacy.fields import SealedField, blind_id
from privacy.identity import make_id
from schools import actions
from schools.models import Account, Appointment, Bureau, Organisation, School, Stage
from schools.roles import Role
from schools.scope import acting_for
from students.models import SchoolClass, Student
from students.models.roster import GRADE_NAMES
from students.models.searching import blind_enrolment
from students.rules.names import pinyin_of
from tests.cast import appoint

MANY = int(os.environ.get("BENCH_PEOPLE", "500000"))
FEW = 500
SECONDS = float(os.environ.get("BENCH_SECONDS", "4"))
RUNS = 5
CLASSES = 12
BATCH = 5_000
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕施张孔曹严华金魏陶姜"
PEER_PAGES = 50


@dataclass(frozen=True, slots=True)
class Reader:
    """A school's officer, signed in, and a student in the middle of his list.

    What is looked for by its beginning finds a full page at both schools.
    """

    cookie: str
    middle: int
    name: str
    number: str
    initials: str

    @property
    def pages(self) -> dict[str, str]:
        """Our addresses by what they are for."""
        surname = self.name[:1]
        roster = reverse("students:roster")
        return {
            "名单第一页": roster,
            "名单中间一页": f"{roster}?cursor={self.middle}",
            "按姓名查找": f"{roster}?q={quote(surname)}",
            "按拼音查找": f"{roster}?q={pinyin_of(surname)[0]}",
            "按首字母查找": f"{roster}?q={self.initials}",
            "按学号查找": f"{roster}?q={self.number[:5]}",
            "一名学生": reverse("students:student", args=[self.middle]),
        }


def _name(n: int) -> str:
    return SURNAMES[n % len(SURNAMES)] + chr(0x4E00 + n * 7 % 2000) + chr(0x5000 + n * 13 % 2000)


def _number(n: int) -> str:
    day = date(2008, 1, 1) + timedelta(days=n // 900 % 1400)
    return make_id(f"9904{n // 1_260_000 % 90 + 10:02d}", day, n % 900)


@lru_cache(maxsize=1)
def readers() -> tuple[Reader, Reader]:
    """Of the school of many and of that of few; made once."""
    ground.made()
    bureau = actions.found_bureau(
        code="9904", name="北区教育局", kind=Organisation.Kind.DISTRICT, region_code="990104"
    )
    # The few share a surname, so that looking for it finds more than a page of them.
    few = range(MANY, MANY + FEW * len(SURNAMES), len(SURNAMES))
    return _reader(bureau, "多", 1, range(MANY)), _reader(bureau, "少", 2, few)


def _reader(bureau: Bureau, letter: str, code: int, numbers: range) -> Reader:
    school = actions.found_school(
        code=f"349904000{code}",
        name=f"示范{letter}人中学",
        stage=Stage.SENIOR,
        superior=bureau,
        territory=bureau,
    )
    with acting_for(school):
        by = appoint("经办", school, Role.OPERATOR, f"people-{code}")
        classes = SchoolClass.objects.bulk_create(
            SchoolClass(
                school=school,
                stage=Stage.SENIOR,
                grade=n % 3 + 1,
                number=n // 3 + 1,
                name=f"{GRADE_NAMES[Stage.SENIOR][n % 3]}（{n // 3 + 1}）班",
            )
            for n in range(CLASSES)
        )
        for some in bulk.in_batches(numbers, BATCH):
            bulk.insert(Student, _columns(school, classes, some), school_id=school.pk)
        students = Student.objects.for_school(school).order_by("pinyin", "id")
        found = students[len(numbers) // 2]
        pairs = Counter(initials[:2] for initials in students.values_list("initials", flat=True))
        usual = pairs.most_common(1)[0][0]
        return Reader(_cookie(by), found.pk, found.name, found.student_no, usual)


def _columns(school: School, classes: list[SchoolClass], some: list[int]) -> dict[str, list[Any]]:
    names, numbers = [_name(n) for n in some], [_number(n) for n in some]
    spelled = [pinyin_of(name) for name in names]

    def sealed(field: str, values: list[str]) -> list[bytes]:
        seal = cast(SealedField, Student._meta.get_field(field)).sealer(school.pk)
        return [seal(value) for value in values]

    return {
        "school_class_id": [classes[n % CLASSES].pk for n in some],
        "name": names,
        "name_key": names,
        "pinyin": [pinyin for pinyin, _ in spelled],
        "initials": [initials for _, initials in spelled],
        "sex": ["m" if n % 2 else "f" for n in some],
        "birth_date": [date(2008, 1, 1) + timedelta(days=n // 900 % 1400) for n in some],
        "student_no": [f"{n:08d}" for n in some],
        "id_number": sealed("id_number", numbers),
        "id_blind": [blind_id(number) for number in numbers],
        "enrolment_no": sealed("enrolment_no", [f"G{number}" for number in numbers]),
        "enrolment_blind": [blind_enrolment(f"G{number}") for number in numbers],
        "phone": sealed("phone", [f"138{n:08d}" for n in some]),
        "address": sealed("address", [f"示范区示范镇示范路{n}号" for n in some]),
    }


def _cookie(by: Appointment) -> str:
    client = Client()
    account = Account.objects.get(person=by.person)
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session["appointment"] = by.pk
    session.save()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


def measured() -> list[dict[str, Any]]:
    """Every page in turn, several times over; a line for each of ours, with its peers'."""
    many, few = readers()
    ground.swept("students_student")
    begun = os.getloadavg()[0]
    with served() as port:
        _shown(port, many)
        acts = dict(_acts(port, many, few))
        found: dict[str, list[Answers]] = {name: [] for name in acts}
        for _ in range(RUNS + 1):
            for name, act in acts.items():
                found[name].append(act())
    middle = {
        name: Answers(
            statistics.median(a.rate for a in answers[1:]),
            statistics.median(a.p95 for a in answers[1:]),
        )
        for name, answers in found.items()
    }
    return [_line(name, middle, begun) for name in many.pages]


def _acts(port: int, many: Reader, few: Reader) -> Iterator[tuple[str, Callable[[], Answers]]]:
    def act(path: str, reader: Reader) -> Callable[[], Answers]:
        return lambda: asked(port, path, reader.cookie, SECONDS)

    for name, path in many.pages.items():
        yield f"many {name}", act(path, many)
    for name, path in few.pages.items():
        yield f"few {name}", act(path, few)
    for name, path in _peers(many).items():
        yield name, act(path, many)
    yield "limit", act(f"/peer/one/?id={many.middle}", many)


def _peers(reader: Reader) -> dict[str, str]:
    middle = MANY // PEER_PAGES // 2
    return {
        "Django admin's list": "/peer/admin/students/student/",
        "a page by OFFSET": f"/peer/offset/?page={middle}",
        "a search by icontains": f"/peer/offset/?q={quote(reader.name[:1])}",
    }


PEER_OF = {"名单第一页": "Django admin's list", "名单中间一页": "a page by OFFSET"}


def _line(name: str, middle: dict[str, Answers], begun: float) -> dict[str, Any]:
    ours, limit = middle[f"many {name}"], middle["limit"]
    line: dict[str, Any] = {
        "case": "people",
        "title": f"{name}：一校{MANY}人，32人同时打开",
        "limit": "a bare view that reads one row",
        "times_slower_than_limit": round(limit.rate / ours.rate, 2),
        "times_slower_goal": 4,
        "peak_mb": {},
        "growth": round(ours.p95 / middle[f"few {name}"].p95, 2),
        "growth_goal": 1.3,
        "load": [round(begun, 1), round(os.getloadavg()[0], 1)],
        "processors": os.cpu_count(),
    }
    peer = PEER_OF.get(name, "a search by icontains" if "查找" in name else "")
    if peer:
        line |= {
            "peer": peer,
            "times_faster_than_peer": round(ours.rate / middle[peer].rate, 2),
            "times_faster_goal": 10,
            "limit_times_faster_than_peer": round(limit.rate / middle[peer].rate, 2),
        }
    return line


def _shown(port: int, reader: Reader) -> None:
    """That the pages show people at all, before their speed is told."""
    for path in (*reader.pages.values(), *_peers(reader).values()):
        if "班" not in page(port, path, reader.cookie):
            raise AssertionError(path)
