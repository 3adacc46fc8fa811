"""The student's file: everything that happened, in order, with who and when."""

from datetime import date

from archive.file import gather
from privacy.identity import make_id
from schools import clock
from tests.cast import Cast
from tests.screening import factories as make


def test_file_gathers_every_floor(cast: Cast) -> None:
    student = cast.a.students[0]
    make.tag(student, make.group(1))
    make.recognise(cast.a, student, cast.term, "hard")
    grant = make.programme()
    paid = make.award(cast.a, student, cast.term, grant)
    make.pay(cast.a, paid)
    with clock.at(date(2026, 12, 1)):
        file = gather(student)
    titles = [one.title for one in file.happened]
    assert "国家助学金1,500.00元到账" in titles[0]
    assert titles[-1] == "入学建档" or "列入" in titles[-1]
    assert file.money.total == 150_000
    assert [g.decided for g in file.grades] == ["困难"]
    assert make_id
