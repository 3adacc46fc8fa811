"""Synthetic people: plainly invented names, identity numbers of the fictional region 990."""

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from privacy.identity import make_id

SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕张孔曹严华金魏陶姜谢邹苏潘葛范彭鲁韦马方任袁柳"
)
# Every given name holds one of 示样例范, so that nobody takes the people for real ones.
MARKS = "示样例范"
SECONDS = "远宁清泽雨晨嘉博睿佳文思涵悦航铭欣怡琪轩宇辰洁敏磊静波涛慧颖峰蕾"
UYGHUR = ("阿依示·范样江", "买买提·示例", "古丽样·范", "艾力例·样示", "热娜·范示江")
RARE = ("㛃", "𠮷", "䶮", "喆", "堃")
SHORT_ETHNICITIES = ("汉", "回", "维吾尔", "苗", "土家", "彝")


@dataclass
class Pupil:
    """One line of a roster file, before anyone typed it."""

    name: str
    id_number: str
    sex: str
    birth_date: date
    grade_name: str
    class_name: str
    enrolment_no: str
    student_no: str
    ethnicity: str = "汉"
    rural: bool = True
    boarder: bool = False
    phone: str = ""
    address: str = ""
    guardian: str = ""
    guardian_relation: str = "母亲"
    guardian_phone: str = ""
    entered_on: date = date(2026, 9, 1)
    groups: list[str] = field(default_factory=list)


class Invention:
    """A source of people that gives the same ones for the same seed."""

    def __init__(self, seed: str, region: str) -> None:
        # A fixed seed, not secrecy: two runs must give the same district.
        self.chance = random.Random(seed)  # noqa: S311
        self.region = region
        self._serials: Iterator[int] = itertools.count()

    def name(self) -> str:
        """An invented name; now and then an Uyghur one or one with a rare character."""
        if self.chance.random() < 0.006:
            return self.chance.choice(UYGHUR)
        surname = self.chance.choice(SURNAMES)
        second = self.chance.choice(RARE if self.chance.random() < 0.004 else SECONDS)
        given = [self.chance.choice(MARKS), second]
        self.chance.shuffle(given)
        return surname + "".join(given)

    def id_number(self, birth: date, sex: str) -> str:
        """A valid number that belongs to nobody; never the same twice for one seed and region."""
        n = next(self._serials)
        serial = n % 449 * 2 + 101 + (1 if sex == "女" else 0)
        place = f"{self.region[:4]}{(int(self.region[4:]) + n // 449) % 100:02d}"
        return make_id(place, birth, serial)

    def birth(self, age: int, on: date) -> date:
        """A birth date that makes `age` full years on `on`."""
        latest = on.replace(year=on.year - age)
        return latest - timedelta(days=self.chance.randrange(1, 365))

    def mobile(self) -> str:
        """A mobile number of an unassigned prefix."""
        return f"14200{self.chance.randrange(10**6):06d}"

    def card(self) -> str:
        """A 19-digit card number with a valid last digit, of a bank that does not exist."""
        body = f"999001{self.chance.randrange(10**12):012d}"
        total = 0
        for i, digit in enumerate(reversed(body)):
            n = int(digit) * (2 if i % 2 == 0 else 1)
            total += n - 9 if n > 9 else n
        return body + str(-total % 10)

    def pupil(self, *, age: int, number: int, grade_name: str, class_name: str) -> Pupil:
        """One student of a class."""
        sex = self.chance.choice("男女")
        birth = self.birth(age, date(2026, 9, 1))
        id_number = self.id_number(birth, sex)
        surname = self.chance.choice(SURNAMES)
        return Pupil(
            name=self.name(),
            id_number=id_number,
            sex=sex,
            birth_date=birth,
            grade_name=grade_name,
            class_name=class_name,
            enrolment_no=f"G{id_number}",
            student_no=f"2026{number:05d}",
            ethnicity=self.chance.choices(SHORT_ETHNICITIES, (88, 4, 2, 2, 2, 2))[0],
            rural=self.chance.random() < 0.6,
            phone=self.mobile(),
            address=f"示范市样例镇范例村{self.chance.randrange(1, 99)}号",
            guardian=f"{surname}{self.chance.choice(MARKS)}{self.chance.choice(SECONDS)}",
            guardian_relation=self.chance.choice(("父亲", "母亲", "祖父", "祖母")),
            guardian_phone=self.mobile(),
        )
