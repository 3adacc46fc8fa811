"""What is this school's, else 404; and what a page offers to whom."""

from typing import Any

from django.shortcuts import get_object_or_404

from applications.queue import known, stages_of
from disbursement.models import AidCard, Award, BankRejection, PaymentBatch
from disbursement.upkeep import last_begun
from schools.access import StaffRequest
from schools.models import Term
from schools.official import current_term
from schools.roles import OFFICE, Role

READING = OFFICE - {Role.COMMITTEE}
CARD_KEEPERS = frozenset({Role.OPERATOR, Role.FINANCE})
CHECKERS = frozenset({Role.REVIEWER, Role.LEADER})
FINANCE = frozenset({Role.FINANCE})
WORKING = CARD_KEEPERS | CHECKERS


def own_card(request: StaffRequest, card_id: int) -> AidCard:
    """A card of the school, else 404."""
    found: AidCard = get_object_or_404(
        AidCard.objects.for_school(request.school).select_related(
            "student__school_class", "registered_by", "checked_by", "replaces"
        ),
        pk=card_id,
    )
    return found


def own_batch(request: StaffRequest, batch_id: int) -> PaymentBatch:
    """A batch of the school, else 404."""
    found: PaymentBatch = get_object_or_404(
        PaymentBatch.objects.for_school(request.school).select_related(
            "school",
            "programme",
            "term",
            "follows",
            "bank_file",
            "drafted_by",
            "freeze_by",
            "approve_by",
            "send_by",
            "settle_by",
            "close_by",
        ),
        pk=batch_id,
    )
    return found


def own_rejection(request: StaffRequest, rejection_id: int) -> BankRejection:
    """A bank's refusal of a file of the school, else 404."""
    found: BankRejection = get_object_or_404(
        BankRejection.objects.for_school(request.school).select_related("batch"), pk=rejection_id
    )
    return found


def own_award(request: StaffRequest, award_id: int) -> Award:
    """An award of the school, else 404."""
    found: Award = get_object_or_404(
        Award.objects.for_school(request.school).select_related(
            "student__school_class",
            "programme",
            "term",
            "tier",
            "granted_by",
            "revoke_by",
            "round__programme",
            "round__term",
        ),
        pk=award_id,
    )
    return found


def is_role(request: StaffRequest, roles: frozenset[Role]) -> bool:
    """Whether the person acts in one of these roles; only to choose what a page offers."""
    return request.appointment.role in roles


def term_asked(request: StaffRequest) -> Term | None:
    """The term of ?term=2026-1, else the current one."""
    asked = request.GET.get("term", "")
    return Term.objects.filter(code=asked).first() or current_term()


def entering_term(request: StaffRequest) -> Term | None:
    """The term of ?term=2026-1, else the last that began: in the holidays it may still be owed."""
    return Term.objects.filter(code=request.GET.get("term", "")).first() or last_begun()


def terms() -> list[tuple[str, str]]:
    """Terms to choose from, newest first."""
    return [(t.code, t.season_label) for t in Term.objects.order_by("-code")]


def programmes_of(request: StaffRequest) -> Any:
    """Programmes of the school's stages, of authorities that the school has to do with."""
    return known(request.school).filter(stage__in=stages_of(request.school))
