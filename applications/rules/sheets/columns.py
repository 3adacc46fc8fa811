"""The two tables of the workbook: one row per family, one row per member of a family."""

from dataclasses import dataclass

from applications.models import Application, HouseholdMember, HouseholdSurvey
from applications.models.entries import Signer
from applications.rules.surveys import HEALTH, RELATIONS

FAMILIES, MEMBERS = "家庭情况", "家庭成员"
YES, NO = "是", "否"
SIGNERS = {str(label): str(value) for value, label in Signer.choices}
PAPERS = {str(label): value for value, label in Application.IdentityPaper.choices}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: what it is called, how wide it is, what may be chosen in it."""

    name: str
    label: str
    width: int = 12
    choices: tuple[str, ...] = ()
    # Other headings that mean the same.
    words: tuple[str, ...] = ()
    # Characters that fit; 0 for what is no text.
    limit: int = 0
    # Not repeated beside an error: address and telephone are sealed elsewhere too.
    secret: bool = False


def _survey(name: str, label: str, width: int = 16, **facts: object) -> Column:
    limit = HouseholdSurvey._meta.get_field(name).max_length  # type: ignore[union-attr]
    return Column(name, label, width, limit=limit or 0, **facts)  # type: ignore[arg-type]


def _member(name: str, label: str, width: int = 16, **facts: object) -> Column:
    limit = HouseholdMember._meta.get_field(name).max_length  # type: ignore[union-attr]
    return Column(name, label, width, limit=limit or 0, **facts)  # type: ignore[arg-type]


FAMILY_COLUMNS = (
    Column("school_class", "班级", 14),
    Column("number", "学号", 14),
    Column("student", "学生姓名", 12, words=("姓名",)),
    Column("family_size", "家庭人口（含本人）", 10, words=("家庭人口",)),
    Column("students_in_family", "在读子女（含本人）", 10, words=("在读子女", "在读子女数")),
    Column("annual_income", "家庭年收入（元）", 14, words=("家庭年收入",)),
    _survey("income_source", "主要收入来源"),
    Column("seriously_ill", "家中有重病患者", 10, (YES, NO)),
    Column("single_parent", "单亲家庭", 10, (YES, NO)),
    Column("claims", "特殊群体类型", 28, limit=200, words=("特殊群体", "自报特殊群体")),
    _survey("natural_disaster", "自然灾害"),
    _survey("sudden_accident", "突发意外事件"),
    _survey("weak_labour", "残疾、年迈等劳动能力弱"),
    _survey("unemployment", "失业"),
    _survey("debt", "欠债"),
    _survey("other", "其他情况", words=("其他",)),
    Column("phone", "家长手机", 14, limit=32, secret=True),
    Column("address", "家庭住址", 28, limit=100, secret=True),
    Column("reason", "申请理由", 28, limit=200),
    Column("committed_by", "承诺人", 12, limit=64),
    Column("committed_relation", "承诺人与学生的关系", 12, tuple(SIGNERS)),
    Column("consents", "同意处理个人信息", 10, (YES, NO)),
    Column("committed_on", "承诺日期", 12),
    Column("identity_paper", "身份证明", 16, tuple(PAPERS)),
)
MEMBER_COLUMNS = (
    Column("number", "学号", 14),
    Column("student", "学生姓名", 12),
    _member("name", "成员姓名", 12),
    Column("relation", "与学生关系", 12, RELATIONS, words=("关系",)),
    Column("age", "年龄", 8),
    _member("occupation", "职业"),
    _member("work", "工作（学习）单位", 20, words=("工作单位", "单位")),
    Column("annual_income", "年收入（元）", 14, words=("年收入",)),
    Column("health", "健康状况", 10, HEALTH),
)
# Who it is, not what the family tells: a row with nothing else is a family that does not apply.
NAMING = ("school_class", "number", "student")
