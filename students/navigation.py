"""What this floor offers the desk: places of the menu, things to do, what does not look right."""

from django.urls import reverse

from office.desk import Anomaly, Place, Todo
from schools.models import Appointment
from schools.roles import BUREAU_ROLES, OFFICE, Role
from students.deadlines import (
    corrections_to_sign,
    days_to_sign,
    files_to_open,
    lowerings_to_sign,
    recalls_to_sign,
    transfers_to_answer,
    transfers_to_sign,
    year_to_turn,
)
from students.dropout_queue import still_out
from students.dropped_queue import Dropped, dropped_waiting
from students.models import DepartmentList, RosterImport, SchoolClass, TagEnding
from students.name_queue import people_to_look_at
from students.queue import led_by, standings
from students.rules.sight import SEES_TAGS

GROUP = "学生"
LOOKED_AT = 20
PLACES: tuple[Place, ...] = (
    Place("学生名册", "students:roster", "users", GROUP, 10, OFFICE | {Role.HEAD_TEACHER}),
    Place("特殊群体比对", "students:groups", "blend", GROUP, 11, SEES_TAGS),
    Place("特殊群体比对", "students:lists", "blend", GROUP, 11, BUREAU_ROLES),
)


def todos(by: Appointment) -> list[Todo]:
    """Rosters to approve, files to finish, lists to match."""
    if by.role == Role.HEAD_TEACHER and by.organisation.is_school:
        return _rosters_to_approve(by)
    if by.role == Role.OPERATOR and by.organisation.is_school:
        return [
            *_imports_to_finish(by),
            *_people_to_look_at(by),
            *transfers_to_answer(by),
            *files_to_open(by),
            *year_to_turn(by),
        ]
    if by.role in (Role.REVIEWER, Role.LEADER) and by.organisation.is_school:
        return [
            *transfers_to_sign(by),
            *days_to_sign(by),
            *corrections_to_sign(by),
            *lowerings_to_sign(by),
            *recalls_to_sign(by),
        ]
    if by.role == Role.BUREAU_OPERATOR:
        return [*_lists_to_match(by), *_dropped_to_propose(by)]
    if by.role == Role.BUREAU_REVIEWER:
        return _endings_to_review(by)
    return []


def _rosters_to_approve(by: Appointment) -> list[Todo]:
    found = []
    for standing in led_by(by.person, by.organisation.school):
        if not standing.waiting:
            continue
        row = standing.school_class
        text = f"{standing.students}人，对照班里的学生逐一看过，再按“确认”"
        if standing.handed_over and standing.last:
            before = standing.last.approved_by
            text = f"{standing.students}人，{before}核对过；现在由您担任班主任，请自己再看一遍"
        elif standing.stale:
            text = f"核对之后名册有变动，现在{standing.students}人，请再看一遍"
        found.append(
            Todo(
                title=f"核对{row}的名册",
                text=text,
                url=reverse("students:class", kwargs={"class_id": row.pk}),
                action="去核对",
                place="students:roster",
            )
        )
    return found


def _imports_to_finish(by: Appointment) -> list[Todo]:
    """The latest file that has something to write; one with errors alone asks for another file."""
    staged = RosterImport.objects.for_school(by.organisation).filter(status="staged")
    latest = staged.only("counts", "school_id").order_by("-staged_at")[:LOOKED_AT]
    waiting = [(row, row.counts["added"] + row.counts["changed"]) for row in latest if row.counts]
    return [
        Todo(
            title="写入上传的名册",
            text=f"{changes}人有变化，还没有写入；可以继续，也可以放弃",
            url=reverse("students:import", kwargs={"import_id": row.pk}),
            action="去看看",
            place="students:roster",
        )
        for row, changes in waiting
        if changes
    ][:1]


def _people_to_look_at(by: Appointment) -> list[Todo]:
    """Whom lists may mean, and whose names they write otherwise: each once for all lists."""
    asked, differing = people_to_look_at(by.organisation.school)
    found = []
    if asked:
        found.append(
            Todo(
                title=f"确认部门名单上的{asked}人",
                text="姓名相同、身份证号没有比中，是不是本校学生，要学校核实；没有确认的不标记",
                url=reverse("students:questions"),
                action="去确认",
                count=asked,
                place="students:groups",
            )
        )
    if differing:
        found.append(
            Todo(
                title=f"核对{differing}人的姓名",
                text="身份证号与部门名单一致、姓名写法不同；对照户口簿，名册写错的更正，没写错的记为核对过",
                url=f"{reverse('students:groups')}#names",
                action="去核对",
                count=differing,
                place="students:groups",
            )
        )
    return found


def _lists_to_match(by: Appointment) -> list[Todo]:
    staged = DepartmentList.objects.for_organisation(by.organisation).filter(status="staged")
    return [
        Todo(
            title=f"比对{row.group}名单",
            text=f"{row.counts.get('people', 0)}人，比对后标记到各学校",
            url=reverse("students:list", kwargs={"list_id": row.pk}),
            action="去比对",
            place="students:lists",
        )
        for row in staged.select_related("group").order_by("-issued_on")[:5]
    ]


def _dropped_to_propose(by: Appointment) -> list[Todo]:
    """Whom the newest list of a group no longer names, until each is ended or said to stay."""
    return [
        Todo(
            title=f"核对{row.listed.group}名单不再列名的{row.students}人",
            text=_what_of(row),
            url=reverse("students:list_dropped", kwargs={"list_id": row.listed.pk}),
            action="去核对",
            place="students:lists",
        )
        for row in dropped_waiting(by.organisation_id)
    ]


def _what_of(row: Dropped) -> str:
    if row.back is not None:
        return f"提请停止标记已被退回：{row.back.refuse_reason}；核对后重新提请，或者记下都保留"
    return "以前的名单标记过、新名单不再列名；核对后提请审核停止标记，或者记下都保留"


def _endings_to_review(by: Appointment) -> list[Todo]:
    waiting = TagEnding.objects.for_organisation(by.organisation).filter(status="proposed")
    return [
        Todo(
            title=f"审核停止{row.list.group}标记{row.students}人",
            text="新名单不再列名，经办已核对；审核后各学校的标记停止",
            url=reverse("students:list_dropped", kwargs={"list_id": row.list_id}),
            action="去审核",
            place="students:lists",
        )
        for row in waiting.select_related("list__group").order_by("pk")
    ]


def anomalies(by: Appointment) -> list[Anomaly]:
    """Classes whose roster nobody vouches for; for bureaus those who are out of school."""
    if by.role in BUREAU_ROLES:
        return [
            Anomaly(
                title="失学，劝返中",
                count=still_out(by.organisation_id),
                text="登记为失学，还没有回到任何一所学校的名册上。",
                url=reverse("students:dropouts"),
                tone="bad",
            )
        ]
    if by.role not in OFFICE or not by.organisation.is_school:
        return []
    classes = SchoolClass.objects.for_school(by.organisation)
    waiting = sum(1 for standing in standings(classes) if standing.waiting)
    return [
        Anomaly(
            title="名册没有核对",
            count=waiting,
            text="班主任还没有核对本学期的名册，或核对之后又有变动",
            url=reverse("students:classes") + "?state=waiting",
            unit="个班",
        )
    ]
