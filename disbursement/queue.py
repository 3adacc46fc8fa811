"""Who waits for an award or a payment and what that depends on, in few queries however many."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from applications.models import Application, Programme, Round
from disbursement import boarding, reading, rules
from disbursement.content import Line
from disbursement.models import AidCard, Award, Fund, PaymentBatch, PaymentLine
from disbursement.models.cards import LIVE_CARD
from disbursement.months import absences, month_of, still_due
from disbursement.rules import Candidate, Checklist, Paying, Standing
from disbursement.standings import standings_of
from office import bulk
from review.models import Case, Notice
from students.models import Guardian, Student

LIVE_LINE = ("pending", "paid")
IN_ORDER = (
    "student__school_class__grade",
    "student__school_class__number",
    "student__pinyin",
    "pk",
)


def cases_waiting(round_: Round) -> QuerySet[Any]:
    """Confirmed cases of a programme's round that have no award yet, in the order of the roster."""
    found: QuerySet[Any] = (
        Case.objects.filter(
            school_id=round_.school_id, round_id=round_.pk, status=Case.Status.CONFIRMED
        )
        .exclude(pk__in=Award.objects.filter(school_id=round_.school_id).values("case_id"))
        .select_related("application", "student__school_class", "decided_tier")
        .order_by("student__school_class", "student__pinyin", "pk")
    )
    return found


def cases_revoked(round_: Round, ids: Iterable[int]) -> QuerySet[Any]:
    """Those of these confirmed cases whose awards were all revoked."""
    awards = Award.objects.filter(school_id=round_.school_id)
    found: QuerySet[Any] = (
        Case.objects.filter(
            school_id=round_.school_id,
            round_id=round_.pk,
            status=Case.Status.CONFIRMED,
            pk__in=awards.filter(status=Award.Status.REVOKED, case_id__in=list(ids)).values(
                "case_id"
            ),
        )
        .exclude(pk__in=awards.filter(status=Award.Status.GRANTED).values("case_id"))
        .select_related("application", "student__school_class", "decided_tier")
        .order_by("pk")
    )
    return found


def awards_due(batch: PaymentBatch) -> QuerySet[Any]:
    """The awards that a draft batch would pay: granted and paid by no other batch.

    A follow-up batch takes the awards of the failed lines of the batch that it follows, unless
    another follow-up took them; any other batch leaves awards that once failed to a follow-up.
    """
    mine = Q(school_id=batch.school_id)
    awards = Award.objects.filter(
        mine,
        programme_id=batch.programme_id,
        term_id=batch.term_id,
        instalment__lte=batch.instalment,
        status=Award.Status.GRANTED,
    )
    live = PaymentLine.objects.filter(mine, status__in=LIVE_LINE).exclude(batch_id=batch.pk)
    failed = PaymentLine.objects.filter(mine, status="failed")
    awards = awards.exclude(pk__in=live.values("award_id"))
    if batch.follows_id:
        ours = failed.filter(batch_id=batch.follows_id, retried_by=None)
        awards = awards.filter(pk__in=ours.values("award_id"))
    else:
        awards = awards.exclude(pk__in=failed.values("award_id"))
    ordered: QuerySet[Any] = awards.select_related("student__school_class", "tier").order_by(
        *IN_ORDER
    )
    return ordered


def checklist(batch: PaymentBatch, on: date, *, lock: bool = False) -> Checklist:
    """The checklist of a draft batch on a day; `lock` holds the awards to the transaction's end."""
    awards = awards_due(batch)
    if lock:
        awards = _held(batch, awards)
    candidates = candidates_of(reading.awards_of(awards), paying(batch, on))
    if batch.follows_id:
        candidates = _with_failed_lines(candidates, batch)
    return _checked(candidates, paying(batch, on))


def _held(batch: PaymentBatch, awards: QuerySet[Any]) -> QuerySet[Any]:
    """The same awards locked, the lowest first; what is said of them is read under the lock."""
    rows = awards.select_related(None).order_by("pk").select_for_update(no_key=True)
    keys = bulk.keys(rows.values_list("pk", flat=True))
    held: QuerySet[Any] = Award.objects.filter(school_id=batch.school_id, pk__in=keys)
    return held.order_by(*IN_ORDER)


def checklist_of_lines(batch: PaymentBatch, lines: Sequence[Line], on: date) -> Checklist:
    """The same checklist over the frozen lines, before they are sent."""
    awards = Award.objects.filter(
        school_id=batch.school_id, pk__in=bulk.keys([line.award_id for line in lines])
    )
    found = candidates_of(
        reading.awards_of(awards.order_by("pk")),
        paying(batch, on),
        frozen_cards={line.award_id: line.blind for line in lines},
        ours=batch.pk,
    )
    return _checked(found, paying(batch, on))


def paying(batch: PaymentBatch, on: date) -> Paying:
    """What the batch pays, on a day."""
    return Paying(batch.programme, batch.term, on, batch.late_document)


def _checked(candidates: Iterable[Candidate], what: Paying) -> Checklist:
    passing, held = [], []
    for candidate in candidates:
        reasons = rules.why_not_paid(candidate, what)
        if reasons:
            held.append((candidate, reasons))
        else:
            passing.append(candidate)
    return Checklist(passing, held)


def candidates_of(
    awards: Sequence[Award],
    what: Paying,
    *,
    frozen_cards: Mapping[int, bytes] | None = None,
    ours: int | None = None,
) -> list[Candidate]:
    """Awards with their standing, notice, card and other payments."""
    if not awards:
        return []
    school_id = awards[0].school_id
    students = [a.student for a in awards]
    ids = [s.id for s in students]
    standings = _standings_then(awards, students, what)
    number = "number" if frozen_cards is None else "number_blind"
    cards = reading.cards_of(school_id, ids, number)
    guardians = _guardians(school_id, ids) if what.programme.guardian_card else {}
    decided = _decided(school_id, awards)
    ended = _ended_rounds(school_id, {a.round_id for a in awards}, what.on)
    elsewhere = _paid_elsewhere(school_id, awards, ours)
    found = []
    for a in awards:
        applied, confirmed = decided[a.case_id]
        card = cards.get(a.student_id)
        found.append(
            Candidate(
                award=a,
                standing=standings[a.id],
                applied=applied,
                case_confirmed=confirmed,
                notice_ended=a.round_id in ended,
                card=card,
                guardians=tuple(guardians.get(a.student_id, ())),
                paid_in=elsewhere.get(a.id, ""),
                card_changed=bool(frozen_cards) and _changed(card, (frozen_cards or {}).get(a.id)),
            )
        )
    return found


def _changed(card: AidCard | None, frozen: bytes | None) -> bool:
    return card is not None and card.number_blind != frozen


def _standings_then(
    awards: Sequence[Award], students: Sequence[Student], what: Paying
) -> dict[int, Standing]:
    """Per award its student's standing, with the boarding that counts for this award."""
    changes = boarding.changes_of(awards[0].school_id, students)
    then = {a.id: boarding.of_award(a, what.programme, what.term, changes) for a in awards}
    found: dict[int, Standing] = {}
    for changed in (False, True):
        rows = [
            (a, s)
            for a, s in zip(awards, students, strict=True)
            if (then[a.id] != s.boarding) is changed
        ]
        boarded = {s.id: then[a.id] for a, s in rows} if changed else {}
        standings = standings_of(
            [s for _, s in rows], what.programme, what.term, what.on, boarded=boarded
        )
        found |= {a.id: standings[s.id] for a, s in rows}
    return found


def _guardians(school_id: int, students: Sequence[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    rows = Guardian.objects.filter(
        school_id=school_id, student_id__in=bulk.keys(students)
    ).values_list("student_id", "name")
    for student_id, name in rows:
        found.setdefault(student_id, []).append(name)
    return found


def _decided(school_id: int, awards: Sequence[Award]) -> dict[int, tuple[bool, bool]]:
    """Per case whether its application still stands, and whether it is confirmed."""
    rows = Case.objects.filter(school_id=school_id, pk__in=bulk.keys(a.case_id for a in awards))
    return {
        pk: (applied == Application.Status.SUBMITTED, decided == Case.Status.CONFIRMED)
        for pk, applied, decided in rows.values_list("pk", "application__status", "status")
    }


def _ended_rounds(school_id: int, round_ids: set[int], on: date) -> set[int]:
    return set(
        Notice.objects.filter(
            school_id=school_id,
            round_id__in=round_ids,
            status=Notice.Status.CONFIRMED,
            ends_on__lt=on,
        ).values_list("round_id", flat=True)
    )


def _paid_elsewhere(school_id: int, awards: Sequence[Award], ours: int | None) -> dict[int, str]:
    rows = PaymentLine.objects.filter(
        school_id=school_id, award_id__in=bulk.keys(a.id for a in awards), status__in=LIVE_LINE
    ).exclude(batch_id=ours)
    return dict(rows.values_list("award_id", "batch__number"))


def owed_after_leaving(school_id: int, student_id: int | None = None) -> set[int]:
    """Who left and is still owed a month in school (one student, or all): they still need a card.

    What is paid by the term or the year is not owed to who left, so nobody is named for it.
    """
    paid = PaymentLine.objects.filter(school_id=school_id, status=PaymentLine.Status.PAID)
    awards = (
        Award.objects.filter(
            school_id=school_id,
            status=Award.Status.GRANTED,
            programme__money_cadence=Programme.Cadence.MONTHLY,
            student__status=Student.Status.LEFT,
        )
        .exclude(pk__in=paid.values("award_id"))
        .select_related("student", "term")
    )
    if student_id is not None:
        awards = awards.filter(student_id=student_id)
    away = absences(school_id, list({a.student_id: a.student for a in awards}.values()))
    return {
        a.student_id
        for a in awards
        if still_due(away[a.student_id], month_of(a.instalment, a.term), a.term)
    }


def made_by(batch: PaymentBatch, person_id: int) -> list[str]:
    """What a person did for a batch's money as its maker, whichever role they hold now."""
    mine = Q(school_id=batch.school_id)
    lines = PaymentLine.objects.filter(mine, batch_id=batch.pk)
    awards = Award.objects.filter(mine, pk__in=lines.values("award_id"), granted_by=person_id)
    # A line is paid only while the live card is the one that was frozen.
    cards = AidCard.objects.filter(
        mine, student_id__in=lines.values("student_id"), status__in=LIVE_CARD
    )
    funds = Fund.objects.filter(
        mine,
        programme_id=batch.programme_id,
        term_id=batch.term_id,
        recorded_by=person_id,
        status__in=Fund.BOOKED,
    )
    done = {
        "确定了其中的资助名单": awards,
        "登记了其中的资助卡": cards.filter(registered_by=person_id),
        "登记了其中资助卡的激活": cards.filter(activate_by=person_id),
        "登记了这笔资金": funds,
    }
    return [words for words, rows in done.items() if rows.exists()]


def _with_failed_lines(candidates: list[Candidate], batch: PaymentBatch) -> list[Candidate]:
    failed = dict(
        PaymentLine.objects.filter(
            school_id=batch.school_id, batch_id=batch.follows_id, status="failed"
        ).values_list("award_id", "pk")
    )
    return [c._replace(failed_line=failed.get(c.award.id)) for c in candidates]
