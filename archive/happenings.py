"""A student's file in order: what happened, when, by whom, from the rows of every floor."""

from collections.abc import Iterator
from datetime import date, datetime, time

from archive.reading import Rows
from office.desk import Happened
from schools.clock import CHINA


def happenings(rows: Rows) -> list[Happened]:
    """Everything, newest first."""
    found = [
        *_enrolment(rows),
        *_groups(rows),
        *_applications(rows),
        *_review(rows),
        *_notices(rows),
        *_awards(rows),
        *_payments(rows),
        *_recoveries(rows),
        *_cards(rows),
        *_screenings(rows),
        *_looks(rows),
    ]
    # Reversed rather than sorted downward, so that what follows on the same day stands above.
    return sorted(found, key=lambda one: _moment(one.on))[::-1]


def _moment(on: date) -> datetime:
    if isinstance(on, datetime):
        return on.astimezone(CHINA)
    return datetime.combine(on, time(0, 0), CHINA)


def _yuan(fen: int) -> str:
    return f"{fen // 100:,}.{fen % 100:02d}元"


def _enrolment(rows: Rows) -> Iterator[Happened]:
    student = rows.student
    if student.entered_on and not any(c.kind == "enter" for c in rows.changes):
        yield Happened(student.entered_on, "入学建档", tone="")
    for change in rows.changes:
        yield Happened(
            change.on,
            f"学籍异动：{change.get_kind_display()}",
            change.reason,
            change.recorded_by.name,
            "wait" if change.kind in ("suspend", "withdraw", "cancel", "death") else "done",
        )


def _groups(rows: Rows) -> Iterator[Happened]:
    for tag in rows.tags:
        yield Happened(
            tag.recorded_at,
            f"列入{tag.group.name}",
            f"{tag.source}，{tag.get_strength_display()}",
            restricted=True,
        )
        if tag.valid_to:
            over = "有效期止" if tag.held else "撤销，没有生效"
            yield Happened(
                tag.valid_to, f"{tag.group.name}{over}", tag.source, tone="", restricted=True
            )


def _applications(rows: Rows) -> Iterator[Happened]:
    for application in rows.applications:
        what = _round(application.round)
        if application.submit_at and application.submit_by:
            late = f"，逾期：{application.late_reason}" if application.late_reason else ""
            yield Happened(
                application.submit_at,
                f"提交{what}申请",
                f"编号{application.number}，{application.get_channel_display()}{late}",
                application.submit_by.name,
            )
        elif application.status == "draft":
            yield Happened(
                application.entered_at,
                f"开始填写{what}申请",
                application.get_channel_display(),
                application.entered_by_name,
                "now",
            )
        if application.status in ("returned", "withdrawn"):
            on = application.submit_at or application.entered_at
            label = application.get_status_display()
            yield Happened(on, f"{what}申请{label}", application.return_reason, tone="wait")


def _round(round_: object) -> str:
    if getattr(round_, "is_recognition", False):
        return "家庭经济困难认定"
    return str(getattr(round_, "programme", "") or "资助")


def _review(rows: Rows) -> Iterator[Happened]:
    for case in rows.cases:
        what = _round(case.round)
        tally = rows.tallies.get(case.pk)
        if case.appraise_at:
            seats = tally.appraisal if tally else None
            text = f"应到{seats.expected}人，实到{seats.present}人" if seats else ""
            grade = case.get_appraised_grade_display() or "已评议"
            by = case.appraise_by.name if case.appraise_by else ""
            yield Happened(
                case.appraise_at, f"班级评议：{grade}", f"{what}；{text}".rstrip("；"), by
            )
        if case.decide_at and case.decide_by:
            verdict = case.get_decided_grade_display() or (
                "不予资助" if case.status == "refused" else "同意资助"
            )
            topic = case.meeting.topic if case.meeting else ""
            note = "，".join(x for x in (topic, case.decision_reason) if x)
            yield Happened(
                case.decide_at,
                f"领导小组审定：{verdict}",
                f"{what}；{note}".rstrip("；"),
                case.decide_by.name,
            )
    for recognition in rows.recognitions:
        confirmed = recognition.case.confirm_at
        same_day = confirmed and confirmed.astimezone(CHINA).date() == recognition.valid_from
        yield Happened(
            confirmed if confirmed and same_day else recognition.valid_from,
            f"{recognition.year}—{recognition.year + 1}学年认定为{recognition.get_grade_display()}",
            recognition.reason,
            recognition.confirmed_by.name,
        )


def _notices(rows: Rows) -> Iterator[Happened]:
    for line in rows.notice_lines:
        notice = line.notice
        if not notice.publish_at or not notice.starts_on or not notice.ends_on:
            continue
        yield Happened(
            notice.publish_at,
            f"{_round(notice.round)}公示",
            f"{notice.starts_on:%Y年%-m月%-d日}至{notice.ends_on:%Y年%-m月%-d日}，{notice.get_status_display()}",
            notice.publish_by.name if notice.publish_by else "",
            "now" if notice.status == "published" else "done",
        )


def _awards(rows: Rows) -> Iterator[Happened]:
    for award in rows.awards:
        yield Happened(
            award.granted_at,
            f"确定{award.programme.name}{_yuan(award.amount_fen)}",
            f"{award.term.season_label}，{award.tier.label}",
            award.granted_by.name,
        )
        if award.revoke_at:
            by = award.revoke_by.name if award.revoke_by else ""
            yield Happened(
                award.revoke_at, f"取消{award.programme.name}", award.revoke_reason, by, "bad"
            )


def _payments(rows: Rows) -> Iterator[Happened]:
    for line in rows.lines:
        name = f"{line.award.programme.name}{_yuan(line.amount_fen)}"
        sender = line.batch.send_by.name if line.batch.send_by else ""
        if line.status == "paid" and line.settled_on:
            yield Happened(line.settled_on, f"{name}到账", f"付款编号{line.number}", sender)
        elif line.status == "failed":
            on = line.settled_on or line.batch.settle_at or line.batch.drafted_at
            yield Happened(on, f"{name}退汇", line.bank_note, sender, "bad")
        elif line.batch.send_at:
            yield Happened(line.batch.send_at, f"{name}已送银行", "等待回盘", sender, "now")


def _recoveries(rows: Rows) -> Iterator[Happened]:
    for one in rows.recoveries:
        name = f"{one.award.programme.name}{_yuan(one.amount_fen)}"
        yield Happened(one.asked_at, f"提出追回{name}", one.reason, one.asked_by.name, "wait")
        if one.dismiss_at and one.dismiss_by:
            yield Happened(
                one.dismiss_at, f"不予追回{name}", one.dismiss_reason, one.dismiss_by.name, ""
            )
        if one.confirm_at and one.confirm_by:
            yield Happened(one.confirm_at, f"决定追回{name}", "", one.confirm_by.name, "bad")
        if one.settle_at and one.settle_by and one.returned_on:
            text = f"{one.returned_on:%Y年%-m月%-d日}到账，凭证号{one.voucher}"
            yield Happened(one.settle_at, f"已追回{name}", text, one.settle_by.name)


def _cards(rows: Rows) -> Iterator[Happened]:
    for card in rows.cards:
        yield Happened(
            card.registered_at,
            f"登记资助卡，{card.number}",
            f"{card.bank}，{card.get_status_display()}",
            card.registered_by.name,
        )


def _screenings(rows: Rows) -> Iterator[Happened]:
    for row in rows.screenings:
        if not row.checked_at or not row.checked_by:
            continue
        note = f"{row.reason}；{row.measure}" if row.result == "unaided" else ""
        yield Happened(
            row.checked_at,
            f"{row.screening.term.season_label}排查：{row.get_result_display()}",
            note,
            row.checked_by.name,
            row.status_tone,
        )


def _looks(rows: Rows) -> Iterator[Happened]:
    for event in rows.looks:
        reason = f"理由：{event.reason}" if event.reason else ""
        yield Happened(event.at, event.label, reason, event.person_name, "wait")
