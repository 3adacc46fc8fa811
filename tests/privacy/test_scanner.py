"""The scanner of notices: planted secrets are always found, clean notices pass."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy import scanner
from privacy.identity import make_id
from privacy.scanner import scan

NOTICE = """关于2026—2027学年秋季学期国家助学金拟资助学生名单的公示
根据《浙江省财政厅 浙江省教育厅关于资助的通知》（浙财科教〔2026〕16号）文件精神，经学生申请、班级
民主评议、年级审核、学校学生资助工作领导小组评审，拟确定王某某等128名同学为资助对象，现予以公示。
公示期：2026年9月18日—9月24日（5个工作日），即2026-09-18至2026-09-24。
序号 年级 班级 姓名 资助项目 金额
1 2026级 高一（1）班 张三 国家助学金 1,150.00
2 2026级 高一（2）班 李四 国家助学金 1150.00
学校标识码 3633010001，宁波市鄞州区教育局，教学楼2号楼一楼大厅，区教育局3楼会议室，第12号公告。
"""
CLEAN = [
    NOTICE,
    "",
    "2026年9月18日—9月24日",
    "2026-09-18 2026-09-24",
    "2026.9.18-2026.10.24",
    "20260918 20260924",
    "金额合计 1,150.00 2,300.00 138,000.00 元",
    "1150 1150 1150 1150\n2300 2300 2300 2300",
    "1 15 1150 17250 300",
    "2026级计算机应用1班、2025级护理（3）班",
    "教财〔2018〕16号、甬教资〔2026〕12号、国办发明电〔2025〕7号",
    "学号 2026010101 2026010102 2026010103",
    "学年 2024 2025 2026 2027",
    "全国学生资助热线 12345，区教育局资助办",
    "我市农村家庭、县城及各乡镇农村学生均可申请",
    "鄞州区下应街道办事处 2026年度",
    "浙江省教育厅 宁波市教育局 鄞州区教育局2026年第12号文件",
    "序号 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20",
    "二〇二六年九月十八日",
    "学生2026年9月入学，学生资助中心",
    "鄞州区实验学校3号楼，鄞州区古林学校5号公告栏",
    "一等 4400元 二等 3300元 三等 2200元",
]


def kinds(text: str, *allowed: str) -> list[str]:
    return [finding.kind for finding in scan(text, allowed)]


@pytest.mark.parametrize("text", CLEAN)
def test_clean_notices_pass(text: str) -> None:
    assert scan(text) == []


PLANTED = [
    ("id", "11010519491231002X"),
    ("id", "990101200909010013"),
    ("id", "110105194912310029"),
    ("id", "１１０１０５１９４９１２３１００２Ｘ"),
    ("id", "110105 19491231 002x"),
    ("id", "110105-1949-1231-0021"),
    ("id", "110105　19491231　002　X"),
    ("id", "1 1 0 1 0 5 1 9 4 9 1 2 3 1 0 0 2 1"),
    ("id", "1101\u200b0519\u200b4912\u200b31002X"),
    ("id", "G110105194912310021"),
    ("id", "①①010519491231002×"),
    ("id", "110105491231002"),
    ("id", "110105 491231 002"),
    ("card", "6228480402564890018"),
    ("card", "6228 4804 0256 4890 018"),
    ("card", "4111-1111-1111-1111"),
    ("card", "622848 0402564890018"),
    ("phone", "13812341234"),
    ("phone", "138 1234 1234"),
    ("phone", "138-1234-1234"),
    ("phone", "１３８１２３４１２３４"),
    ("phone", "+8613812341234"),
    ("phone", "0086 138 1234 1234"),
    ("phone", "138.12.341234"),
    ("phone", "1 3 8 1 2 3 4 1 2 3 4"),
    ("phone", "0571-87654321"),
    ("phone", "（010）87654321"),
    ("phone", "0571—87654321"),
    ("phone", "电话：87654321"),
    ("number", "11010519491231002113812341234"),
    ("number", "一三八一二三四一二三四"),
    ("email", "zhangsan@example.com"),
    ("email", "张三ＺＳ＠ＱＱ．ＣＯＭ"),
    ("birth", "出生日期：2009年9月1日"),
    ("birth", "出生年月 2009.09"),
    ("birth", "生日20090901"),
    ("birth", "2009年9月1日出生"),
    ("birth", "2009-09-01生"),
    ("address", "浙江省宁波市鄞州区某某路88号"),
    ("address", "宁海县长街镇东村3组"),
    ("address", "宁海县长街镇东岙村"),
    ("address", "幸福小区3幢201室"),
    ("address", "3号楼2单元501室"),
    ("address", "鄞州区天童南666号"),
]


@pytest.mark.parametrize(("kind", "secret"), PLANTED)
def test_planted_secrets_are_found_where_they_are(kind: str, secret: str) -> None:
    text = f"{NOTICE}姓名张三，{secret}，特此公示。"
    (finding,) = scan(text)
    assert finding.kind == kind
    at = text.index(secret)
    assert at <= finding.start + 3
    assert finding.start < at + len(secret)
    assert finding.end > at


SURROUNDINGS = st.sampled_from(
    [NOTICE, "", "张三 ", "序号1，", "高一（1）班", "\n", "（", "：", "1. "]
)
AFTER = st.sampled_from(["", "\n", "，特此公示", "）", " 高一", "。2026年9月18日", NOTICE])
GAPS = st.sampled_from(["", " ", "-", "　", "\u200b", "—", "\u00a0", " - ", "·"])
BIRTHS = st.dates(date(1920, 1, 1), date(2026, 9, 1))
REGIONS = st.sampled_from(["110105", "330203", "990101", "654201", "820000"])
WIDE = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")


def parted(text: str, gap: str, cuts: set[int]) -> str:
    return "".join(gap + c if place in cuts else c for place, c in enumerate(text))


CUTS = st.sets(st.integers(1, 17), max_size=6)


@settings(max_examples=400)
@given(REGIONS, BIRTHS, st.integers(0, 999), GAPS, CUTS, st.booleans(), SURROUNDINGS, AFTER)
def test_every_planted_id_is_found(
    region: str,
    birth: date,
    serial: int,
    gap: str,
    cuts: set[int],
    wide: bool,
    before: str,
    after: str,
) -> None:
    number = make_id(region, birth, serial)
    written = parted(number.translate(WIDE) if wide else number, gap, cuts)
    found = scan(f"{before}{written}{after}")
    assert "id" in [finding.kind for finding in found]
    assert number[6:14] not in "".join(finding.sample_masked for finding in found)


@settings(max_examples=400)
@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), GAPS, st.booleans(), SURROUNDINGS, AFTER)
def test_every_planted_mobile_is_found(
    number: str, gap: str, wide: bool, before: str, after: str
) -> None:
    written = parted(number.translate(WIDE) if wide else number, gap, {3, 7})
    assert set(kinds(f"{before}{written}{after}")) & {"phone", "id", "card"}


@settings(max_examples=400)
@given(st.from_regex(r"62[0-9]{14,17}", fullmatch=True), GAPS, SURROUNDINGS, AFTER)
def test_every_planted_card_is_found(number: str, gap: str, before: str, after: str) -> None:
    written = parted(number, gap, {4, 8, 12, 16})
    assert set(kinds(f"{before}{written}{after}")) & {"card", "id"}


@given(
    st.dates(date(2004, 1, 1), date(2035, 1, 1)),
    st.integers(1, 30),
    st.integers(1, 40),
    st.integers(0, 99_999_900),
    st.integers(1, 9_999),
)
def test_made_up_clean_notices_pass(
    start: date, days: int, klass: int, fen: int, number: int
) -> None:
    text = (
        f"某教资〔{start.year}〕{number}号 "
        f"公示期{start:%Y年%m月%d日}至{start:%Y-%m-%d}（{days}个工作日）\n"
        f"{number} {start.year}级 高一（{klass}）班 张三 国家助学金 {fen / 100:,.2f} 元\n"
        f"{number + 1} {start.year}级 高一({klass})班 李四 {fen / 100:.2f}\n共 {number} 人"
    )
    assert scan(text) == []


def test_the_offices_own_numbers_are_allowed() -> None:
    text = "联系电话：0571-87654321，邮箱：zizhu@school.edu.cn，地址：幸福路12号，手机13812341234"
    assert kinds(text) == ["phone", "email", "address", "phone"]
    assert kinds(text, "(0571)87654321", "ZIZHU@school.edu.cn", "幸福路12号") == ["phone"]
    assert kinds("地址在宁波市幸福路12号", "宁波市幸福路12号") == []
    assert kinds("宁波市平安路12号", "宁波市幸福路12号", "") == ["address"]


@pytest.mark.parametrize("secret", ["11010519491231002X", "6228480402564890018"])
def test_an_id_or_card_is_never_allowed(secret: str) -> None:
    assert scan(secret, [secret])


def test_samples_are_masked() -> None:
    samples = [finding.sample_masked for finding in scan("110105 19491231 002X，138 1234 1234")]
    assert samples == ["110****2X", "138****1234"]


def test_a_broken_detector_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(readable: object) -> list[scanner.Finding]:
        raise RuntimeError(readable)

    monkeypatch.setattr(scanner, "DETECTORS", [broken, *scanner.DETECTORS])
    assert kinds("清白的公示") == ["error"]
    assert sorted(kinds("电话13812341234")) == ["error", "phone"]


def test_a_text_that_cannot_be_read_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanner, "_plain", None)
    assert kinds("清白的公示") == ["error"]


def test_every_line_of_a_long_list_is_found() -> None:
    text = "\n".join(f"{number} 高一（1）班 张三 138{number:08d}" for number in range(20_000))
    assert len(scan(text)) == 20_000


@given(st.text(max_size=200))
def test_any_text_is_examined_without_error(text: str) -> None:
    for finding in scan(text):
        assert finding.kind != "error"
        assert 0 <= finding.start < finding.end <= len(text)
