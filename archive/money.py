"""What a student received, term by term and programme by programme (fen)."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from disbursement.models import Award, PaymentLine, Recovery
from schools.models import Term


@dataclass(slots=True)
class TermMoney:
    """One term: received by programme, what is still to come, and when the last money arrived."""

    term: Term
    received: dict[str, int] = field(default_factory=dict)
    pending_fen: int = 0
    arrived_on: date | None = None

    @property
    def total(self) -> int:
        """Everything received in the term, fen."""
        return sum(self.received.values())

    @property
    def label(self) -> str:
        """26年秋."""
        year = self.term.year if self.term.half == 1 else self.term.year + 1
        return f"{year % 100:02d}年{'秋' if self.term.half == 1 else '春'}"

    @property
    def long_label(self) -> str:
        """2026年秋."""
        year = self.term.year if self.term.half == 1 else self.term.year + 1
        return f"{year}年{'秋' if self.term.half == 1 else '春'}"


@dataclass(frozen=True, slots=True)
class Money:
    """All terms in order; `programmes` in order of first receipt."""

    terms: tuple[TermMoney, ...] = ()
    programmes: tuple[str, ...] = ()
    payments: int = 0
    # What came back of it (追回), fen; the terms tell what arrived.
    recovered: int = 0

    @property
    def total(self) -> int:
        """Everything ever received, fen."""
        return sum(term.total for term in self.terms)

    @property
    def by_programme(self) -> list[tuple[str, int]]:
        """Received per programme, fen, in the order of `programmes`."""
        return [
            (name, sum(t.received.get(name, 0) for t in self.terms)) for name in self.programmes
        ]

    @property
    def table(self) -> list[dict[str, object]]:
        """Rows of the table: programme and fen per cell, None where nothing was received."""
        return [
            {"term": term, "cells": [(name, term.received.get(name)) for name in self.programmes]}
            for term in self.terms
        ]


def money_of(
    awards: Iterable[Award], lines: Iterable[PaymentLine], recoveries: Iterable[Recovery] = ()
) -> Money:
    """Money that arrived counts by its payment line; a waived fee counts when it was granted."""
    paid: dict[int, list[PaymentLine]] = defaultdict(list)
    count = 0
    for line in lines:
        if line.status == PaymentLine.Status.PAID:
            paid[line.award_id].append(line)
            count += 1
    terms: dict[str, TermMoney] = {}
    programmes: dict[str, None] = {}
    for award in awards:
        term = terms.setdefault(award.term.code, TermMoney(award.term))
        granted = award.status == Award.Status.GRANTED
        received = sum(line.amount_fen for line in paid[award.pk])
        if granted and award.programme.kind == "waiver":
            received = award.amount_fen
        elif granted and not received:
            term.pending_fen += award.amount_fen
        if received:
            name = award.programme.name
            programmes.setdefault(name)
            term.received[name] = term.received.get(name, 0) + received
        for line in paid[award.pk]:
            if line.settled_on:
                term.arrived_on = max(term.arrived_on or line.settled_on, line.settled_on)
    kept = [
        terms[code] for code in sorted(terms) if terms[code].received or terms[code].pending_fen
    ]
    back = sum(r.amount_fen for r in recoveries if r.status == Recovery.Status.RETURNED)
    return Money(tuple(kept), tuple(programmes), count, back)
