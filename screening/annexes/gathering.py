"""Gather a table's contents from what schools froze and signed."""

from collections import Counter, defaultdict
from collections.abc import Iterable

from django.db.models import Count, F, Q, QuerySet

from audit.refusal import Reason, Refused
from disbursement.models import Award, PaymentLine
from schools.models import Organisation, School, Stage, Term
from screening.annexes.contents import Annex, Detail, Kind, Part
from screening.models import Screening, ScreeningRow
from screening.numbers import Numbers, added

ANSWER = Screening.Answer


def kind_of(school: School) -> Kind:
    """附件1 for 中职, which report straight to the city; 附件2 for the others."""
    return Kind.ANNEX_1 if school.stage == Stage.VOCATIONAL else Kind.ANNEX_2


def for_school(school: School, term: Term) -> Annex:
    """The school's own table: 附件1, or its extract of 附件2.

    Raises `Refused` before the school has filled in: there are no frozen numbers to print.
    """
    screening = _reported(School.objects.filter(pk=school.pk), term).first()
    if screening is None or screening.status == Screening.Status.OPEN:
        raise Refused(
            [Reason(f"{school.name}{term.season_label}的排查还没有填报", "填报后才能出表")]
        )
    kind = kind_of(school)
    holder = school.name
    if kind == Kind.ANNEX_2:
        # The district merges the extracts, so the line names both.
        holder = f"{school.territory.name}（{school.name}）"
    screenings = [screening]
    return Annex(
        kind=kind,
        holder=holder,
        term=term.season_label,
        numbers=Numbers.from_json(screening.numbers),
        full_coverage=screening.full_coverage,
        coverage_reason=screening.coverage_reason,
        details=tuple(_details(screenings, kind)),
        recounted=_recount(screenings),
    )


def schools_of(bureau: Organisation) -> QuerySet[School]:
    """Schools located in a bureau's territory, each once, whoever is superior (row 2-04)."""
    return (
        School.objects.filter(Q(territory_id=bureau.pk) | Q(territory__superior_id=bureau.pk))
        .select_related("territory")
        .order_by("code")
    )


def for_bureau(bureau: Organisation, term: Term) -> Annex:
    """附件2 of a district (or a city): the sum of its schools' signed numbers.

    Schools that have not signed are left out and named in `missing`.
    """
    schools = list(schools_of(bureau))
    screenings = list(_reported(schools_of(bureau), term).filter(status=Screening.Status.SIGNED))
    details = _details(screenings, Kind.ANNEX_2)
    found = Counter(detail.school_id for detail in details)
    parts = tuple(
        Part(
            code=s.school.code,
            name=s.school.name,
            numbers=Numbers.from_json(s.numbers),
            details=found[s.school_id],
        )
        for s in screenings
    )
    reported = {s.school_id for s in screenings}
    answer, why = _answer(screenings)
    return Annex(
        kind=Kind.ANNEX_2,
        holder=bureau.name,
        term=term.season_label,
        numbers=added(part.numbers for part in parts),
        full_coverage=answer,
        coverage_reason=why,
        details=tuple(details),
        parts=parts,
        missing=tuple(s.name for s in schools if s.pk not in reported),
        recounted=_recount(screenings),
    )


def _reported(schools: QuerySet[School], term: Term) -> QuerySet[Screening]:
    found: QuerySet[Screening] = (
        Screening.objects.filter(school_id__in=schools.values("pk"), term=term)
        .select_related("school__territory", "term")
        .order_by("school__code")
    )
    return found


def _answer(screenings: Iterable[Screening]) -> tuple[str, str]:
    """否 when any school says 否, with the reasons; 是 only when every school asked says 是."""
    asked = [s for s in screenings if s.school.stage in (Stage.PRIMARY, Stage.JUNIOR)]
    no = [s for s in asked if s.full_coverage == ANSWER.NO]
    if no:
        return ANSWER.NO, "\n".join(f"{s.school.name}：{s.coverage_reason}" for s in no)
    if asked and all(s.full_coverage == ANSWER.YES for s in asked):
        return ANSWER.YES, ""
    return ANSWER.BLANK, ""


def _recount(screenings: list[Screening]) -> dict[int, int]:
    counted = (
        ScreeningRow.objects.filter(
            school_id__in=[s.school_id for s in screenings],
            screening_id__in=[s.pk for s in screenings],
            cell__isnull=False,
        )
        .values(kind=F("cell"))
        .annotate(n=Count("pk"))
        .order_by("kind")
    )
    return {row["kind"]: row["n"] for row in counted}


def _details(screenings: list[Screening], kind: Kind) -> list[Detail]:
    rows = list(
        ScreeningRow.objects.filter(
            school_id__in=[s.school_id for s in screenings],
            screening_id__in=[s.pk for s in screenings],
            result=ScreeningRow.Result.UNAIDED,
            cell__isnull=False,
        )
        .select_related("student", "school_class", "school")
        .order_by(
            "school__code",
            "school_class__stage",
            "school_class__grade",
            "school_class__number",
            "student__pinyin",
            "pk",
        )
    )
    history = _history(rows)
    return [
        Detail(
            school_id=row.school_id,
            name=row.student.name,
            id_number=row.student.id_number.reveal(),
            place=row.school_class.department if kind == Kind.ANNEX_1 else row.school.name,
            class_name=row.school_class.name,
            cell=row.cell or 0,
            history=tuple(history[row.student_id]),
            reason=row.reason,
            measure=row.measure,
            due_on=row.measure_due_on,
        )
        for row in rows
    ]


def _history(rows: list[ScreeningRow]) -> dict[int, list[tuple[str, str]]]:
    """Aid received since entering the school: money that arrived, and fees waived (note 2)."""
    schools = {row.school_id for row in rows}
    students = [row.student_id for row in rows]
    found: dict[int, list[tuple[str, str]]] = defaultdict(list)
    lines = PaymentLine.objects.filter(
        school_id__in=schools, student_id__in=students, status=PaymentLine.Status.PAID
    ).values_list("student_id", "settled_on", "award__programme__name", "award__tier__label", "pk")
    waived = Award.objects.filter(
        school_id__in=schools,
        student_id__in=students,
        status=Award.Status.GRANTED,
        programme__kind="waiver",
    ).values_list("student_id", "granted_at__date", "programme__name", "tier__label", "pk")
    for student, on, programme, tier, _ in sorted([*lines, *waived], key=lambda r: (r[1], r[4])):
        label = f"{programme}（{tier}）" if tier else programme
        found[student].append((f"{on:%Y-%m}", label))
    return found
