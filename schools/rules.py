"""Judgments about who may serve, which days a calendar may hold, and which dates bind a term."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from audit.refusal import Reason
from schools import workdays
from schools.models import Account, Appointment, Organisation, Term
from schools.roles import BUREAU_ROLES, CHECKERS, MAKERS, SCHOOL_ROLES, Role

# 定期更新登录密码 (requirement row 0-55): the national aid system asks for it every 90 days.
PASSWORD_DAYS = 90
# A password that someone else made for the account's owner; it opens nothing but the change page.
NOT_CHOSEN = date(1970, 1, 1)
# Who may appoint and dismiss; one of them must stay in office.
MANAGERS = frozenset({Role.LEADER, Role.BUREAU_REVIEWER, Role.ADMIN})
# Days; a vacation is shorter.
SHORTEST_TERM = 60
# 困难性资助申请 in so many working days after the term begins (row 0-23).
APPLICATION_DAYS = 5
# 新生电子档案 in so many working days after entry (row 0-46), 毕业 before leaving (row 0-48).
FILE_DAYS = 20
# 学校标识码: type (2), province (2), serial (6) (domain.md §C.8).
SCHOOL_CODE = re.compile(r"[0-9]{10}")
REGION_CODE = re.compile(r"[0-9]{6}")
NAME_LENGTH = 64
USERNAME = re.compile(r"[a-z][a-z0-9._-]{2,31}")
FIXED_HOLIDAYS = ((1, 1), (5, 1), (10, 1), (10, 2), (10, 3))


@dataclass(frozen=True, slots=True)
class StatutoryDate:
    """A date or window that the rules set for a term; `due_on` is its last day."""

    key: str
    text: str
    starts_on: date
    due_on: date
    provisional: bool = False
    workdays: int = 0


@dataclass(frozen=True, slots=True)
class Special:
    """A day that departs from the week: a weekday off or a weekend worked."""

    day: date
    working: bool
    name: str = ""


def statutory_dates(calendar: workdays.Calendar, term: Term) -> list[StatutoryDate]:
    """The dates that bind every school in `term`, soonest first (rows 0-23, 0-36, 0-46, 2-06)."""
    start = term.starts_on
    window = workdays.last_day(calendar, start, APPLICATION_DAYS)
    found = [
        StatutoryDate("start", "开学，发放致家长一封信", start, start),
        StatutoryDate(
            "applications",
            "认定申请" if term.half == 1 else "资助申请",
            start,
            window.last,
            window.provisional,
            APPLICATION_DAYS,
        ),
    ]
    if term.half == 1:
        files = workdays.last_day(calendar, start, FILE_DAYS)
        found += [
            StatutoryDate("files", "新生电子档案建齐", files.last, files.last, files.provisional),
            _fixed("screening", "学期排查报送", date(term.year, 12, 15)),
            _fixed("scholarship", "国家奖学金发放到卡", date(term.year, 12, 31)),
        ]
    else:
        leaving = workdays.nth_working_day_before(calendar, term.ends_on, FILE_DAYS)
        provisional = workdays.is_provisional(calendar, term.ends_on)
        found += [
            _fixed("screening", "学期排查报送", date(term.year + 1, 6, 15)),
            # Within these days before they leave, not by the first of them.
            StatutoryDate("graduation", "办理毕业", leaving, term.ends_on, provisional, FILE_DAYS),
        ]
    return sorted(found, key=lambda d: (d.due_on, d.starts_on))


def _fixed(key: str, text: str, day: date) -> StatutoryDate:
    return StatutoryDate(key, text, day, day)


def roles_of(organisation: Organisation) -> frozenset[Role]:
    """The roles that exist in an organisation of this kind."""
    if organisation.is_school:
        return SCHOOL_ROLES
    return BUREAU_ROLES | {Role.ADMIN, Role.AUDITOR}


def appointable(organisation: Organisation, by: Appointment) -> frozenset[Role]:
    """The roles that `by` may fill in an organisation.

    Whoever checks there does not open the accounts of those whose work he checks: with their
    first password in his hand he could prepare and approve alone (rows 0-54, 1-38).
    """
    roles = roles_of(organisation)
    if by.organisation_id == organisation.pk and by.role in CHECKERS:
        return roles - MAKERS
    return roles


def why_not_open_account(organisation: Organisation, role: str, by: Appointment) -> list[Reason]:
    """Reasons against opening an account of this role there, or against a new password for it."""
    if role in roles_of(organisation) - appointable(organisation, by):
        return [
            Reason(
                f"“{Role(role).label}”的账号不能由本单位的审核人开设或重设密码",
                "经办和审核不能掌握在同一人手里，请上级资助中心在“机构”里办理",
            )
        ]
    return []


def why_not_employ(
    organisation: Organisation, role: Role, since: date, last_day: date | None
) -> list[Reason]:
    """Reasons against an appointment that need no look at other rows."""
    reasons = []
    if role not in roles_of(organisation):
        reasons.append(Reason(f"{organisation}没有“{role.label}”这个职责", "请换一个职责"))
    if last_day is not None and last_day < since:
        reasons.append(Reason("任期结束早于开始", "请核对两个日期"))
    return reasons


def why_not_dismiss(
    appointment: Appointment, last_day: date, today: date, *, another_manager: bool
) -> list[Reason]:
    """Reasons against ending a term of office on `last_day`."""
    reasons = []
    ends = appointment.period.upper
    if ends is not None and ends <= today:
        reasons.append(Reason("这个任期已经结束", "请刷新页面，查看最新状态"))
    elif ends is not None and ends == last_day + timedelta(days=1):
        reasons.append(Reason("这个任期已定在这一天结束", "不用再办"))
    since = appointment.period.lower or date.min
    if last_day < since:
        reasons.append(Reason("最后一天早于任期开始", f"最早填{since:%Y年%-m月%-d日}"))
    if last_day < today:
        # What was done in office today stays valid, and nobody prepares and checks on one day.
        reasons.append(Reason("最后一天不能早于今天", "已经办过的事仍以原任期为准"))
    if appointment.role in MANAGERS and not another_manager:
        reasons.append(
            Reason("这是本单位唯一能管理人员的任期，结束后没有人能任命", "请先任命接任的人")
        )
    return reasons


@dataclass(frozen=True, slots=True)
class Taken:
    """What another organisation has already: the code, or the name in the same place."""

    code: bool = False
    name: bool = False


def why_not_code(code: str, taken: Taken, *, school: bool) -> list[Reason]:
    """Reasons against an organisation's code."""
    reasons = []
    if school and not SCHOOL_CODE.fullmatch(code):
        reasons.append(Reason("学校标识码应为10位数字", "请对照学校的办学许可或学籍系统核对"))
    if not school and not REGION_CODE.fullmatch(code):
        reasons.append(Reason("行政区划代码应为6位数字", "例如民政部公布的区县代码"))
    if taken.code:
        reasons.append(Reason(f"代码{code}已经有单位在用", "请在机构列表里查找，不要重复建立"))
    return reasons


def why_not_name(name: str, taken: Taken) -> list[Reason]:
    """Reasons against an organisation's name."""
    reasons = []
    if not name.strip() or len(name) > NAME_LENGTH:
        reasons.append(Reason(f"单位名称应为1至{NAME_LENGTH}个字", "请写公章上的全称"))
    if taken.name:
        reasons.append(Reason("同一辖区已经有同名的单位", "请在机构列表里查找，不要重复建立"))
    return reasons


def why_not_district(founder: Organisation, code: str, region: str) -> list[Reason]:
    """Reasons against a district under `founder`, whose region is `region`."""
    reasons = []
    if founder.kind != Organisation.Kind.CITY:
        reasons.append(Reason("区教育局由市教委建立", "请联系市里的系统管理员"))
    elif REGION_CODE.fullmatch(code) and code[:2] != region[:2]:
        reasons.append(Reason(f"行政区划代码应以{region[:2]}开头", f"本市的代码是{region}"))
    return reasons


def why_not_place(below: Collection[int], superior_id: int, territory_id: int) -> list[Reason]:
    """Reasons against a school's place; `below` are the bureaus under the actor's and itself."""
    reasons = []
    if superior_id not in below:
        reasons.append(Reason("主管部门不在本单位之下", "请由共同的上级来定"))
    if territory_id not in below:
        reasons.append(Reason("属地不在本单位之下", "请由共同的上级来定"))
    return reasons


def first_roles(organisation: Organisation) -> tuple[Role, ...]:
    """Whom the superior appoints: the first who can appoint others, and always the makers."""
    if organisation.is_school:
        return (Role.LEADER, Role.OPERATOR, Role.FINANCE)
    return (Role.BUREAU_REVIEWER, Role.BUREAU_OPERATOR)


def why_not_appoint_first(
    organisation: Organisation, role: Role, manager: Appointment | None, *, oneself: bool
) -> list[Reason]:
    """Reasons against appointing from above; `manager` is who may appoint there today."""
    reasons = []
    if role not in first_roles(organisation):
        allowed = "、".join(r.label for r in first_roles(organisation))
        reasons.append(Reason(f"上级只能任命{allowed}", "其他人由本单位自己任命"))
    if manager and role not in MAKERS:
        who = f"{manager.person.name}（{manager.get_role_display()}）"
        reasons.append(Reason(f"{organisation}已有{who}在任", f"请由{manager.person.name}任命"))
    if oneself:
        reasons.append(Reason("不能任命自己", "请另选一人"))
    return reasons


def why_not_begin(code: str, name: str, username: str, *, begun: bool) -> list[Reason]:
    """Reasons against founding the first bureau of an installation."""
    reasons = []
    if begun:
        reasons.append(
            Reason("已经有教育局，不能再建立第一个", "请系统管理员登录，在“机构”里建立其他单位")
        )
    if not REGION_CODE.fullmatch(code):
        reasons.append(Reason("行政区划代码应为6位数字", "例如民政部公布的市、区县代码"))
    reasons += why_not_name(name, Taken())
    if not USERNAME.fullmatch(username):
        reasons.append(
            Reason("账号应以小写字母开头，3至32个字符", "可以用小写字母、数字、点、横线和下划线")
        )
    return reasons


def why_not_load(year: int, days: Sequence[Special], known: Collection[int]) -> list[Reason]:
    """Reasons against a year's list of holidays and worked weekends; `known` are years in use."""
    reasons = []
    if year in known:
        reasons.append(Reason(f"{year}年已经装入", "要更正请联系系统维护人员，期限可能因此改变"))
    outside = [d.day for d in days if d.day.year != year]
    if outside:
        reasons.append(Reason(f"有{len(outside)}天不在{year}年，例如{outside[0]}", "请检查年份"))
    twice = sorted({d.day for d in days if [e.day for e in days].count(d.day) > 1})
    if twice:
        reasons.append(Reason(f"{twice[0]}写了两次", "同一天只写一行"))
    for special in days:
        if special.working and special.day.weekday() < 5:
            reasons.append(Reason(f"{special.day}是平日，本来就上班", "“班”只写调休上班的周末"))
    off = {d.day for d in days if not d.working}
    missing = [date(year, m, d) for m, d in FIXED_HOLIDAYS if date(year, m, d) not in off]
    if missing:
        listed = "、".join(f"{d.month}月{d.day}日" for d in missing)
        reasons.append(Reason(f"缺法定假日{listed}", "请写全放假安排，周末的也写上"))
    return reasons


def why_not_set_term(
    term: Term, starts_on: date, ends_on: date, others: Sequence[Term], today: date
) -> list[Reason]:
    """Reasons against a term's dates; `term` still has the former ones, if any.

    On its first day rounds open in every school, so that day must lie ahead for a second look;
    in a term that was entered after it had begun none opens by itself.
    """
    reasons = []
    if starts_on >= ends_on:
        reasons.append(Reason("结束日期应在开学日期之后", "请核对两个日期"))
    elif (ends_on - starts_on).days < SHORTEST_TERM:
        reasons.append(
            Reason(f"这个学期只有{(ends_on - starts_on).days + 1}天", "请核对开学和结束的年月")
        )
    known = term.pk is not None and not term.entered_late
    if known and starts_on <= today and starts_on != term.starts_on:
        reasons.append(
            Reason(f"开学日期{starts_on}不在今天以后", "开学当天各校自动开批次，最早填明天")
        )
    year = term.year if term.half == 1 else term.year + 1
    if starts_on.year != year:
        reasons.append(Reason(f"{term}应在{year}年开学", "请核对年份"))
    for other in others:
        if starts_on <= other.ends_on and ends_on >= other.starts_on:
            reasons.append(Reason(f"与{other}重叠", "两个学期不能有同一天"))
        elif (starts_on < other.starts_on) != ((term.year, term.half) < (other.year, other.half)):
            reasons.append(Reason(f"与{other}的先后颠倒", "请核对年份和月份"))
    return reasons


def must_choose_password(account: Account, today: date, *, ages: bool) -> bool:
    """Whether the owner must choose a new password before anything else.

    `ages` is off in a demonstration, whose date is moved about.
    """
    changed = account.password_changed_on
    if changed is None:
        return False
    return changed == NOT_CHOSEN or (ages and (today - changed).days > PASSWORD_DAYS)
