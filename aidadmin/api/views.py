"""The read-only API: the same sign-in, roles and scope as the pages; other methods answer 405."""

from typing import Any, cast

from django.db.models import Aggregate, Count, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from guardian.shortcuts import get_objects_for_user
from rest_framework import generics, permissions
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.views import APIView

from aidadmin.api.serializers import (
    PaymentBatchSerializer,
    RoundSerializer,
    ScreeningTotalsSerializer,
    StudentSerializer,
)
from applications.models import Application, Round
from disbursement.models import PaymentBatch, PaymentLine
from schools.access import Access, StaffRequest, View, requires
from schools.roles import BUREAU_ROLES, OFFICE, Role
from screening.models import Screening
from screening.queue import Progress, progress
from students.models import SchoolClass, Student

TERM = OpenApiParameter("term", str, description="只要一个学期，例如 2026-1")


class HasRole(permissions.BasePermission):
    """The person acts in one of the view's declared roles."""

    message = "这个身份不能读取这些数据。"

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Whether the appointment of this session may enter."""
        access: Access = view.access  # type: ignore[attr-defined]
        appointment = getattr(request, "appointment", None)
        return appointment is not None and appointment.role in access.roles


def _staff(request: Request) -> StaffRequest:
    return cast(StaffRequest, request._request)


class ByName(CursorPagination):
    """Students in the order of lists; the cursor stays right while rows come and go."""

    ordering = ("pinyin", "pk")
    page_size_query_param = "page_size"
    max_page_size = 200


class Newest(CursorPagination):
    """The newest first."""

    ordering = ("-pk",)
    page_size_query_param = "page_size"
    max_page_size = 200


@extend_schema_view(
    get=extend_schema(
        operation_id="students",
        summary="学生名册（遮盖）",
        parameters=[OpenApiParameter("q", str, description="姓名、拼音首字母、学号或学籍号")],
    )
)
class Students(generics.ListAPIView[Student]):
    """Students of the own school; a head teacher's are those of the own classes."""

    access = Access(frozenset({*OFFICE, Role.HEAD_TEACHER}), methods=("GET",))
    permission_classes = (HasRole,)
    serializer_class = StudentSerializer
    pagination_class = ByName

    def get_queryset(self) -> QuerySet[Student]:
        """Scoped to the school, then to the classes led."""
        request = _staff(self.request)
        students = Student.objects.for_school(request.school).select_related("school_class")
        if request.appointment.role == Role.HEAD_TEACHER:
            led = get_objects_for_user(request.user, "students.lead_class", SchoolClass)
            students = students.filter(school_class__in=led.filter(school=request.school))
        if q := request.GET.get("q", "").replace("\x00", "").strip():
            students = students.named_like(q)
        return cast("QuerySet[Student]", students)


class _OfReach(generics.ListAPIView[Any]):
    """Rows of the own school, or of every school that a bureau reaches."""

    access = Access(frozenset({*OFFICE, *BUREAU_ROLES}), methods=("GET",))
    permission_classes = (HasRole,)
    pagination_class = Newest
    rows: Any
    term_path = "term__code"

    def get_queryset(self) -> QuerySet[Any]:
        """Scoped by reach, then by the wanted term."""
        request = _staff(self.request)
        found = self.rows.for_reach(request.organisation).select_related("school", "term")
        if term := request.GET.get("term", "").replace("\x00", ""):
            found = found.filter(**{self.term_path: term})
        return self.counted(found)

    def counted(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """With the totals that the serializer says."""
        return rows


@extend_schema_view(get=extend_schema(operation_id="rounds", summary="批次", parameters=[TERM]))
class Rounds(_OfReach):
    """Rounds with how many applications they have."""

    rows = Round.objects
    serializer_class = RoundSerializer

    def counted(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Applications handed in."""
        submitted = Application.objects.filter(status=Application.Status.SUBMITTED)
        found: QuerySet[Any] = rows.select_related("school", "term", "programme").annotate(
            submitted=_each(submitted, "round_id", Count("pk"))
        )
        return found


@extend_schema_view(
    get=extend_schema(operation_id="payment_batches", summary="发放批次（合计）", parameters=[TERM])
)
class PaymentBatches(_OfReach):
    """Payment batches in totals; no line of a student."""

    rows = PaymentBatch.objects
    serializer_class = PaymentBatchSerializer

    def counted(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """What arrived and what came back."""
        paid = PaymentLine.objects.filter(status=PaymentLine.Status.PAID)
        failed = PaymentLine.objects.filter(status=PaymentLine.Status.FAILED)
        found: QuerySet[Any] = rows.select_related("school", "term", "programme").annotate(
            paid_count=_each(paid, "batch_id", Count("pk")),
            paid_fen=_each(paid, "batch_id", Sum("amount_fen")),
            failed_count=_each(failed, "batch_id", Count("pk")),
        )
        return found


@extend_schema_view(
    get=extend_schema(
        operation_id="screening_totals", summary="学期排查（合计）", parameters=[TERM]
    )
)
class ScreeningTotals(_OfReach):
    """排查 in totals; no row of a student."""

    rows = Screening.objects
    serializer_class = ScreeningTotalsSerializer

    def paginate_queryset(self, queryset: Any) -> Any:
        """How many were looked at, and how many should be aided and aren't, of the page's."""
        page = super().paginate_queryset(queryset)
        counts, none = progress(page or ()), Progress()
        for screening in page or ():
            found = counts.get(screening.pk, none)
            screening.students, screening.checked = found.total, found.verified
            screening.unaided = found.unaided
        return page


def _each(rows: QuerySet[Any], key: str, figure: Aggregate) -> Coalesce:
    """A figure of each row's own ones: asked for those of the page, and never of other schools'."""
    own = rows.filter(school_id=OuterRef("school_id"), **{key: OuterRef("pk")}).order_by()
    return Coalesce(Subquery(own.values(key).annotate(figure=figure).values("figure")), 0)


def guarded(view: type[APIView], access: Access, **initial: Any) -> View:
    """The view behind the same door as every page: sign-in 302, role 403, method 405."""
    door = requires(frozenset(Role(r) for r in access.roles), methods=" ".join(access.methods))
    return door(cast(View, view.as_view(**initial)))


READERS = Access(frozenset(Role), methods=("GET",))


class Schema(SpectacularAPIView):
    """The OpenAPI description."""

    access = READERS
    permission_classes = [HasRole]


class Docs(SpectacularSwaggerSplitView):
    """The description to read and try; its script comes from an address of its own, as CSP asks."""

    access = READERS
    permission_classes = [HasRole]
