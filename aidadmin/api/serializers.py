"""What the API says of each row: codes, masks, counts and fen; never a clear number."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from applications.models import Round
from disbursement.models import PaymentBatch
from screening.models import Screening
from students.models import Student


class StudentSerializer(serializers.ModelSerializer[Student]):
    """One student of the own school; identity numbers masked as in lists."""

    class_name = serializers.CharField(source="school_class.name", help_text="班级")
    id_number = serializers.SerializerMethodField(help_text="身份证号，前三位和后两位")
    enrolment_no = serializers.SerializerMethodField(help_text="学籍号，前三位和后两位")

    class Meta:
        model = Student
        fields = (
            "id", "name", "class_name", "sex", "student_no", "id_number", "enrolment_no",
            "boarding", "status", "entered_on", "left_on",
        )  # fmt: skip

    def get_id_number(self, student: Student) -> str:
        """The mask."""
        return str(student.id_number)

    def get_enrolment_no(self, student: Student) -> str:
        """The mask."""
        return str(student.enrolment_no)


class RoundSerializer(serializers.ModelSerializer[Round]):
    """One round with the number of its applications."""

    school = serializers.CharField(source="school.code", help_text="学校标识码")
    term = serializers.CharField(source="term.code", help_text="学期，2026-1 或 2026-2")
    programme = serializers.CharField(
        source="programme.code", default=None, help_text="资助项目代码；认定批次为空"
    )
    submitted = serializers.IntegerField(help_text="已提交的申请")

    class Meta:
        model = Round
        fields = (
            "id", "school", "kind", "term", "programme", "opens_on", "closes_on", "provisional",
            "status", "submitted",
        )  # fmt: skip


class PaymentBatchSerializer(serializers.ModelSerializer[PaymentBatch]):
    """One payment batch in totals (fen)."""

    school = serializers.CharField(source="school.code", help_text="学校标识码")
    term = serializers.CharField(source="term.code", help_text="学期")
    programme = serializers.CharField(source="programme.code", help_text="资助项目代码")
    paid_count = serializers.IntegerField(help_text="已到账笔数")
    paid_fen = serializers.IntegerField(help_text="已到账金额（分）")
    failed_count = serializers.IntegerField(help_text="退汇笔数")

    class Meta:
        model = PaymentBatch
        fields = (
            "id", "school", "number", "term", "programme", "status", "line_count", "total_fen",
            "paid_count", "paid_fen", "failed_count", "content_hash",
        )  # fmt: skip


class ScreeningTotalsSerializer(serializers.ModelSerializer[Screening]):
    """One school's 排查 of one term in totals; `numbers` as frozen when it was filled in."""

    school = serializers.CharField(source="school.code", help_text="学校标识码")
    term = serializers.CharField(source="term.code", help_text="学期")
    students = serializers.IntegerField(help_text="应核实人数")
    checked = serializers.IntegerField(help_text="已核实人数")
    unaided = serializers.IntegerField(help_text="应助未助人数")
    numbers = serializers.SerializerMethodField(help_text="填报时的各项合计；填报之前为空")

    class Meta:
        model = Screening
        fields = (
            "id", "school", "term", "status", "due_on", "full_coverage", "students", "checked",
            "unaided", "numbers", "sign_at",
        )  # fmt: skip

    @extend_schema_field({"type": "object", "additionalProperties": True})
    def get_numbers(self, screening: Screening) -> Any:
        """The frozen totals."""
        return screening.numbers
