"""The student's file: everything that happened, in order, with who and when."""

from datetime import date

import pytest

from archive.chart import FILLS, drawn
from archive.file import StudentFile, gather
from archive.money import Money, TermMoney
from disbursement import actions as disbursement
from disbursement.models import AidCard
from privacy.fields import blind_card
from schools import clock
from screening import actions
from students.actions import reveal
from students.models import EnrolmentChange, Guardian
from tests.cast import Cast
from tests.screening import factories as make


def gathered(cast: Cast, on: date = date(2026, 12, 20)) -> StudentFile:
    with clock.at(on):
        return gather(cast.a.students[0])


def lived(cast: Cast) -> None:
    """A term in which one student meets every floor."""
    student = cast.a.students[0]
    Guardian.objects.create(school=cast.school, student=student, name="张样泽", relation="父亲")
    make.tag(student, make.group(1), valid_from=date(2026, 9, 1))
    make.recognise(cast.a, student, cast.term, "hard")
    grant = make.programme()
    award = make.award(cast.a, student, cast.term, grant)
    card = AidCard(
        school=cast.school,
        student=student,
        number_blind=blind_card("6200000000000002046"),
        bank="示范银行",
        holder=student.name,
        registered_by=cast.operator.person,
        registered_at=clock.now(),
    )
    card.number = "6200000000000002046"
    card.save()
    reveal(student=student, field="id_number", reason="核对学籍", by=cast.reviewer)
    EnrolmentChange.objects.create(
        school=cast.school,
        student=student,
        kind="transfer_in",
        on=date(2026, 10, 9),
        reason="随迁",
        recorded_by=cast.operator.person,
        recorded_at=clock.now(),
    )
    make.pay(cast.a, award, date(2026, 11, 20))
    with clock.at(date(2026, 12, 1)):
        screening = actions.open_screening(school=cast.school, term=cast.term, by=cast.operator)
        actions.verify_rest(
            screening=screening, school_class=cast.a.school_class, by=cast.head_teacher
        )


def test_a_file_gathers_every_floor_in_order(cast: Cast) -> None:
    lived(cast)
    file = gathered(cast)
    titles = [one.title for one in file.happened]
    assert titles[:3] == [
        "2026年秋季学期排查：困难，已资助",
        "国家助学金1,500.00元到账",
        "学籍异动：转入",
    ]
    assert titles[-1] == "入学建档"
    for part in (
        "列入群体t1u",
        "提交家庭经济困难认定申请",
        "领导小组审定：困难",
        "2026—2027学年认定为困难",
        "领导小组审定：同意资助",
        "确定国家助学金1,500.00元",
        "登记资助卡，尾号2046",
        "查看身份证号",
    ):
        assert part in titles, part
    looked = next(one for one in file.happened if one.title == "查看身份证号")
    assert (looked.by, looked.text) == ("审核a", "理由：核对学籍")
    assert [one.title for one in file.happened if one.restricted] == ["列入群体t1u"]
    assert file.card is not None
    assert (file.card.bank, str(file.card.number)) == ("示范银行", "尾号2046")
    assert [str(g) for g in file.guardians] == ["张样泽（父亲）"]
    assert [(g.year, g.points, g.decided, g.reason) for g in file.grades] == [
        (2026, 66, "困难", "与建议一致")
    ]


def test_a_tag_that_ended_is_history_not_a_quality(cast: Cast) -> None:
    make.tag(cast.a.students[0], make.group(1), valid_to=date(2026, 10, 1))
    file = gathered(cast)
    assert file.tags == []
    assert "群体t1u有效期止" in [one.title for one in file.happened]


@pytest.mark.parametrize(("status", "title"), [("failed", "退汇"), ("paid", "到账")])
def test_money_that_came_back_is_told_and_not_counted(cast: Cast, status: str, title: str) -> None:
    award = make.award(cast.a, cast.a.students[0], cast.term, make.programme())
    make.pay(cast.a, award, status=status)
    file = gathered(cast)
    assert f"国家助学金1,500.00元{title}" in [one.title for one in file.happened]
    assert file.money.total == (150_000 if status == "paid" else 0)
    assert file.money.terms[0].pending_fen == (0 if status == "paid" else 150_000)


def test_money_adds_up_by_term_and_by_programme(cast: Cast) -> None:
    student = cast.a.students[0]
    grant, waiver = make.programme(), make.programme("waiver", name="免学费")
    for term in (make.earlier(2025, 1), make.earlier(2025, 2)):
        make.pay(cast.a, make.award(cast.a, student, term, grant), date(2026, 5, 20))
        make.award(cast.a, student, term, waiver, rank=2)
    make.award(cast.a, student, cast.term, grant)
    money = gathered(cast).money
    assert [t.label for t in money.terms] == ["25年秋", "26年春", "26年秋"]
    assert [t.total for t in money.terms] == [265_000, 265_000, 0]
    assert dict(money.by_programme) == {"国家助学金": 300_000, "免学费": 230_000}
    assert money.total == sum(fen for _, fen in money.by_programme) == 530_000


def test_the_chart_is_to_scale(cast: Cast) -> None:
    first = TermMoney(make.earlier(2025, 1), {"国家助学金": 100_000, "免学费": 200_000})
    second = TermMoney(cast.term, {}, pending_fen=150_000)
    chart = drawn(Money((first, second), ("国家助学金", "免学费")))
    assert [t.label for t in chart.ticks] == ["0", "1,000", "2,000", "3,000"]
    heights = [float(p.height) + 1.5 for p in chart.columns[0].parts]
    assert heights == [100.0, 50.0]
    assert chart.columns[1].pending is not None
    assert chart.columns[1].value == "待发"
    assert dict(chart.keys) == {"国家助学金": FILLS[0], "免学费": FILLS[1]}
    assert drawn(Money()).columns == ()


def test_money_that_came_back_stands_in_the_file(cast: Cast) -> None:
    student = cast.a.students[0]
    make.recognise(cast.a, student, cast.term, "hard")
    award = make.award(cast.a, student, cast.term, make.programme())
    line = make.pay(cast.a, award, date(2026, 11, 20))
    line.refresh_from_db()
    with clock.at(date(2026, 12, 1)):
        recovery = disbursement.ask_back(
            line=line, amount_fen=50_000, reason="核查发现情况不实", by=cast.operator
        )
        assert gather(student).money.recovered == 0
        recovery = disbursement.confirm_recovery(recovery=recovery, by=cast.reviewer)
        disbursement.settle_recovery(
            recovery=recovery, returned_on=date(2026, 12, 1), voucher="收-0018", by=cast.a.finance
        )
    file = gathered(cast)
    assert (file.money.total, file.money.recovered) == (150_000, 50_000)
    told = [(one.title, one.by) for one in file.happened]
    for who, title in (
        (cast.operator, "提出追回国家助学金500.00元"),
        (cast.reviewer, "决定追回国家助学金500.00元"),
        (cast.a.finance, "已追回国家助学金500.00元"),
    ):
        assert (title, who.person.name) in told
