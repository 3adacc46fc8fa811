"""What this floor offers the desk: places of the menu, things to do, what does not look right."""

from collections import Counter
from datetime import date

from django.db.models import Count, Exists, Min, OuterRef, Q
from django.urls import reverse

from applications.models import Application, Round
from office.desk import Anomaly, Place, Todo
from review import evidence, queue, rules
from review.models import Case, Meeting, Notice, Objection, ScoringScheme
from schools import clock, workdays
from schools.models import Appointment
from schools.official import OfficialCalendar, calendar
from schools.roles import BUREAU_ROLES, CHECKERS, OFFICE, Role

GROUP = "认定与评审"
PLACES: tuple[Place, ...] = (
    Place("民主评议", "review:appraisals", "vote", GROUP, 22, OFFICE | {Role.HEAD_TEACHER}),
    Place("认定", "review:recognitions", "award", GROUP, 23, OFFICE),
    Place("评审会议", "review:meetings", "messages-square", GROUP, 24, OFFICE),
    Place("公示", "review:notices", "megaphone", GROUP, 25, OFFICE),
    Place("量化评估表", "review:schemes", "calculator", GROUP, 26, BUREAU_ROLES),
)


def todos(by: Appointment) -> list[Todo]:
    """What this person must do here now (eight queries at most)."""
    if by.role == Role.HEAD_TEACHER:
        return _of_teacher(by)
    if by.role == Role.OPERATOR:
        return [*_to_take_up(by), *_to_take_anew(by), *_of_rounds(by), *_objections(by)]
    if by.role in CHECKERS and by.role not in BUREAU_ROLES:
        return [*_to_check(by), *_to_enact(by)]
    if by.role == Role.BUREAU_REVIEWER:
        return _to_enact(by)
    return []


def _to_enact(by: Appointment) -> list[Todo]:
    """A draft of the scheme that somebody else wrote."""
    drafts = ScoringScheme.objects.filter(
        owner_id=by.organisation_id, status=ScoringScheme.Status.DRAFT
    ).exclude(drafted_by_id=by.person_id)
    return [
        Todo(
            f"核对{draft}",
            "看试算结果，没有问题的填启用日期",
            reverse("review:scheme", args=[draft.pk]),
            "去核对",
            place="review:schemes",
        )
        for draft in drafts.defer("rules")
    ]


def _of_teacher(by: Appointment) -> list[Todo]:
    owed = (
        Case.objects.filter(
            school_id=by.organisation_id,
            status=Case.Status.OPEN,
            school_class__head_teacher_id=by.person_id,
            round__status=Round.Status.OPEN,
            round__kind=Round.Kind.RECOGNITION,
            application__status=Application.Status.SUBMITTED,
        )
        .values("round_id", "school_class_id", "school_class__name", "round__closes_on")
        .annotate(n=Count("pk"), first=Min("application__submit_at"))
        .order_by("round_id", "school_class_id")
    )
    days = calendar() if owed else None
    return [
        Todo(
            title=f"{row['school_class__name']}评议{row['n']}人",
            text="按编号逐人表决，评完提交",
            url=reverse("review:class_appraisal", args=[row["round_id"], row["school_class_id"]]),
            action="去评议",
            due_on=(
                workdays.last_day(
                    days,
                    rules.owed_from(row["round__closes_on"], row["first"]),
                    rules.APPRAISAL_WORKDAYS,
                ).last
                if days
                else None
            ),
            count=row["n"],
            place="review:appraisals",
        )
        for row in owed
    ]


def _to_take_up(by: Appointment) -> list[Todo]:
    rows = (
        queue.untaken(by.organisation_id)
        .filter(round__status=Round.Status.OPEN)
        .values("round_id", "round__programme__name")
        .annotate(n=Count("pk"))
        .order_by("round_id")
    )
    return [
        Todo(
            f"{row['round__programme__name'] or '家庭经济困难认定'}：接收{row['n']}份申请",
            "接收后评分，由班级评议" if not row["round__programme__name"] else "接收后确定建议档次",
            reverse("review:round", args=[row["round_id"]]),
            "去接收",
            count=row["n"],
            place="review:appraisals",
        )
        for row in rows
    ]


def _to_take_anew(by: Appointment) -> list[Todo]:
    """动态调整: families who told of a change after they had been judged."""
    found = Counter(case.round_id for case in evidence.returned_changed(by.organisation_id))
    return [
        Todo(
            f"家庭经济困难认定：{n}份申请有改动，要重新评议",
            "接收后重新评分，回到班级评议；新结果确认以前，原来的等级照旧有效",
            reverse("review:round", args=[round_id]),
            "去接收",
            count=n,
            place="review:appraisals",
        )
        for round_id, n in found.items()
    ]


def _of_rounds(by: Appointment) -> list[Todo]:
    """What the operator owes each open round, by the status of its cases (one query)."""
    waiting = Meeting.objects.filter(round_id=OuterRef("round_id"), status=Meeting.Status.PLANNED)
    live = Notice.objects.filter(round_id=OuterRef("round_id"), status__in=("draft", "published"))
    meeting_confirmed = Q(meeting__status=Meeting.Status.CONFIRMED)
    rows = (
        Case.objects.filter(school_id=by.organisation_id, round__status=Round.Status.OPEN)
        .filter(status__in=("appraised", "proposed", "decided"))
        .values("round_id", "round__kind", "round__programme__name")
        .annotate(
            appraised=Count("pk", filter=Q(status="appraised")),
            proposed=Count("pk", filter=Q(status="proposed")),
            decided=Count(
                "pk",
                filter=Q(status="decided") & meeting_confirmed & ~Q(decided_grade="none"),
            ),
            convened=Exists(waiting),
            shown=Exists(live),
        )
        .order_by("round_id")
    )
    return [todo for row in rows for todo in _of_round(row)]


def _of_round(row: dict[str, object]) -> list[Todo]:
    pk, name = row["round_id"], row["round__programme__name"] or "家庭经济困难认定"
    url = reverse("review:round", args=[pk])
    found = []
    if row["appraised"]:
        found.append(
            Todo(
                f"{name}：确定{row['appraised']}人的建议",
                "班级评议已提交，等待确定建议",
                url,
                "去确定",
                place="review:appraisals",
            )
        )
    if row["proposed"]:
        text = "会议已安排，登记到会和表决" if row["convened"] else "召集领导小组会议"
        found.append(
            Todo(
                f"{name}：{row['proposed']}人等待审定", text, url, "去办理", place="review:meetings"
            )
        )
    if row["decided"] and not row["shown"]:
        found.append(
            Todo(
                f"{name}：起草公示",
                f"{row['decided']}人已审定并确认",
                url,
                "去起草",
                place="review:notices",
            )
        )
    return found


def _to_check(by: Appointment) -> list[Todo]:
    meetings = Meeting.objects.filter(
        school_id=by.organisation_id, status=Meeting.Status.DECIDED
    ).exclude(decide_by_id=by.person_id)
    found = [
        Todo(
            f"确认会议审定：{m.topic}",
            "核对审定结果和表决，确认后公示",
            reverse("review:meeting", args=[m.pk]),
            "去确认",
            place="review:meetings",
        )
        for m in meetings
    ]
    # Who took an objection down leaves the answer to another.
    owed = Q(objections__status=Objection.Status.OPEN) & (
        Q(objections__taken_by=None) | ~Q(objections__taken_by=by.person_id)
    )
    notices = list(
        Notice.objects.filter(
            Q(status__in=(Notice.Status.DRAFT, Notice.Status.PUBLISHED)) | owed,
            school_id=by.organisation_id,
        )
        .annotate(
            open_objections=Count("objections", filter=owed, distinct=True),
            reply_by=Min("objections__reply_by", filter=owed),
        )
        .order_by("pk")
    )
    over = [n for n in notices if n.status == Notice.Status.PUBLISHED and _over(n)]
    days = calendar() if over else None
    found += [_undisputed(row) for row in queue.undisputed_rounds(by.organisation_id)]
    found += [_to_publish(n) for n in notices if _to_be_published(n, by)]
    found += [_to_confirm(n, days) for n in over if days]
    return found + [
        _to_answer(n.pk, n.open_objections, n.reply_by) for n in notices if n.open_objections
    ]


def _undisputed(row: dict[str, int]) -> Todo:
    return Todo(
        f"家庭经济困难认定：确认{row['n']}人不困难",
        "没有要公示的学生，确认后结果生效并另行告知",
        reverse("review:round", args=[row["round_id"]]),
        "去确认",
        count=row["n"],
        place="review:recognitions",
    )


def _over(notice: Notice) -> bool:
    return notice.ends_on is not None and notice.ends_on < clock.today()


def _to_be_published(notice: Notice, by: Appointment) -> bool:
    return notice.status == Notice.Status.DRAFT and notice.drafted_by_id != by.person_id


def _to_publish(notice: Notice) -> Todo:
    url = reverse("review:notice", args=[notice.pk])
    text = "核对名单和联系电话后发布"
    return Todo(f"发布：{notice.title}", text, url, "去发布", place="review:notices")


def _to_confirm(notice: Notice, days: OfficialCalendar) -> Todo:
    return Todo(
        f"公示确认：{notice.title}",
        "公示期已满，确认后结果生效",
        reverse("review:notice", args=[notice.pk]),
        "去确认",
        due_on=workdays.last_day(days, notice.ends_on, 1).last if notice.ends_on else None,
        place="review:notices",
    )


def _objections(by: Appointment) -> list[Todo]:
    open_ones = (
        Objection.objects.filter(school_id=by.organisation_id, status=Objection.Status.OPEN)
        .exclude(taken_by_id=by.person_id)
        .values("notice_id")
        .annotate(n=Count("pk"), due=Min("reply_by"))
        .order_by("notice_id")
    )
    return [_to_answer(row["notice_id"], row["n"], row["due"]) for row in open_ones]


def _to_answer(notice_id: int, n: int, due_on: date) -> Todo:
    return Todo(
        f"答复{n}条公示异议",
        "收到之日起3个工作日内答复",
        reverse("review:notice", args=[notice_id]) + "#objections",
        "去答复",
        due_on=due_on,
        count=n,
        place="review:notices",
    )


def anomalies(by: Appointment) -> list[Anomaly]:
    """Objections past their day; notices without a photograph (two queries)."""
    if by.role not in OFFICE:
        return []
    late = Objection.objects.filter(
        school_id=by.organisation_id,
        status=Objection.Status.OPEN,
        reply_by__lt=clock.today(),
    ).count()
    return [
        Anomaly(
            "异议超过3个工作日没有答复",
            late,
            "尽快调查答复，答复之前不能确认名单。",
            reverse("review:notices"),
            "bad",
            "条",
        ),
        Anomaly(
            "公示期已过，没有公示影像",
            queue.unpictured(Notice.objects.filter(school_id=by.organisation_id)).count(),
            "公示名单及公示影像要存档，请补传张贴时的照片。",
            reverse("review:notices") + "?photos=none",
            "wait",
            "份",
        ),
    ]
