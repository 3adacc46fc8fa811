"""What schools write into a cell when there is nothing to say, and words that hold two meanings."""

import pytest

from students.rules.roster.examination import examine
from tests.cast import Cast
from tests.students.rosters import HEADERS, row, workbook


def _read(cast: Cast, heading: str, value: str | int) -> tuple[object, int]:
    """The facts of a file's one student, and how often something was doubted."""
    if heading in HEADERS:
        content = workbook([row(0, **{heading: value})])
    else:
        content = workbook([[*row(0), value]], (*HEADERS, heading))
    seen = examine(school=cast.school, content=content, filename="名册.xlsx")
    (read,) = seen.reading.rows
    assert read.problems == []
    return read.facts, len(read.warnings)


NONE_AT_ALL = (
    "/", "-", "—", "——", "无", "没有", "暂无", "×", "N", "null", "否", "0", "00", "正常",
    "健康或良好", "良好", "非残疾人", "没有残疾", "不残疾", "无 残疾", "无残疾类型", "未发现异常",
)  # fmt: skip


@pytest.mark.parametrize("value", NONE_AT_ALL)
def test_nobody_is_disabled_by_a_filler(cast: Cast, value: str) -> None:
    facts, doubts = _read(cast, "残疾类型", value)
    assert (facts.disability, doubts) == (None, 0)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("value", "known"),
    [("视力残疾", "视力残疾"), ("4-肢体残疾", "肢体残疾"), ("智力三级", "智力三级"), ("聋", "聋")],
)
def test_a_disability_is_kept_in_words(cast: Cast, value: str, known: str) -> None:
    facts, doubts = _read(cast, "残疾类型", value)
    assert (facts.disability, doubts) == (known, 0)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "value", ["1", "4", "是", "有", "二级", "无明显残疾", "未办残疾证", "非视力残疾"]
)
def test_what_tells_no_kind_is_doubted_and_left_out(cast: Cast, value: str) -> None:
    facts, doubts = _read(cast, "残疾类型", value)
    assert (facts.disability, doubts) == (None, 1)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("value", "household"),
    [
        ("农村居民", "rural"),
        ("居民（农村）", "rural"),
        ("农业集体户口", "rural"),
        ("农转非", "urban"),
        ("非农业集体户口", "urban"),
        ("非农业家庭户口", "urban"),
        ("城镇居民", "urban"),
        ("非城镇户口", "rural"),
        ("居民（城市）", "urban"),
    ],
)
def test_a_households_words_are_weighed(cast: Cast, value: str, household: str) -> None:
    facts, doubts = _read(cast, "户口性质", value)
    assert (facts.household, doubts) == (household, 0)  # type: ignore[attr-defined]


@pytest.mark.parametrize("value", ["居民户口", "居民家庭户口", "居民", "集体户口"])
def test_the_registration_that_tells_neither_is_doubted(cast: Cast, value: str) -> None:
    facts, doubts = _read(cast, "户口性质", value)
    assert (facts.household, doubts) == (None, 1)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        ("籍贯", "native_place"),
        ("校区", "campus"),
        ("邮政编码", "postcode"),
        ("政治面貌", "political_status"),
        ("户口所在地", "household_address"),
        ("民族", "ethnicity"),
        ("现住址", "address"),
        ("联系电话", "phone"),
    ],
)
@pytest.mark.parametrize("value", ["无", "/", "——"])
def test_a_filler_is_no_value(cast: Cast, heading: str, name: str, value: str) -> None:
    facts, _ = _read(cast, heading, value)
    assert getattr(facts, name) is None


@pytest.mark.parametrize("value", ["汉", "汉族", "01", "01-汉族"])
def test_one_people_has_one_name(cast: Cast, value: str) -> None:
    facts, _ = _read(cast, "民族", value)
    assert facts.ethnicity == "汉族"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("value", "held"),
    [
        ("97", "其他"),
        ("其它", "其他"),
        ("98-外国血统中国籍人士", "外国血统中国籍人士"),
        ("外国血统", "外国血统中国籍人士"),
        ("穿青人", "穿青人"),
        ("乌孜别克", "乌孜别克族"),
    ],
)
def test_who_is_of_none_of_the_peoples_is_known_too(cast: Cast, value: str, held: str) -> None:
    facts, doubts = _read(cast, "民族", value)
    assert (facts.ethnicity, doubts) == (held, 0)  # type: ignore[attr-defined]


@pytest.mark.parametrize("value", ["火星族", "汗族", "01-火星族", "维族"])
def test_a_people_that_nobody_knows_is_kept_and_doubted(cast: Cast, value: str) -> None:
    facts, doubts = _read(cast, "民族", value)
    held = value.removeprefix("01-")
    assert (facts.ethnicity, doubts) == (held, 1)  # type: ignore[attr-defined]


@pytest.mark.parametrize("value", ["父亲", "51", "51-父亲", "01-父亲"])
def test_a_guardians_relation_is_told_in_words(cast: Cast, value: str) -> None:
    facts, doubts = _read(cast, "监护人关系", value)
    assert (facts.guardian_relation, doubts) == ("父亲", 0)  # type: ignore[attr-defined]


def test_a_stage_that_the_school_does_not_teach_is_doubted_once(cast: Cast) -> None:
    told = [row(n, 年级="初一" if n else "高一") for n in range(3)]
    seen = examine(school=cast.school, content=workbook(told), filename="名册.xlsx")
    said = [w.reason for w in seen.reading.warnings]
    assert said == ["本校还没有初中的班，会新开“七年级（1）班”，请核对年级。"]
