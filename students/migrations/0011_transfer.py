"""转学 between two schools: the one row of a school that another school may read and answer."""

import django.db.models.deletion
from django.db import migrations, models

import privacy.fields
import schools.tenancy
from schools.walls import Wall

RECEIVER = """
CREATE POLICY receiver_reads ON students_transfer FOR SELECT
  USING (to_school_id = (SELECT aid_scope()) AND status NOT IN ('proposed', 'withdrawn'));
CREATE POLICY receiver_answers ON students_transfer FOR UPDATE
  USING (to_school_id = (SELECT aid_scope()) AND status = 'signed')
  WITH CHECK (to_school_id = (SELECT aid_scope()) AND status IN ('accepted', 'declined'));
CREATE FUNCTION students_transfer_answer() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  answers text[] := ARRAY['status', 'answer', 'accept_at', 'accept_by_id',
                          'decline_at', 'decline_by_id'];
BEGIN
  IF OLD.to_school_id = public.aid_scope()
     AND to_jsonb(OLD) - answers IS DISTINCT FROM to_jsonb(NEW) - answers THEN
    RAISE EXCEPTION 'the receiver of a transfer only answers it'
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF OLD.school_id = public.aid_scope() AND OLD.to_school_id <> OLD.school_id
     AND NEW.status IN ('accepted', 'declined') THEN
    RAISE EXCEPTION 'the sender of a transfer does not answer it'
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER students_transfer_answer BEFORE UPDATE ON students_transfer
  FOR EACH ROW EXECUTE FUNCTION students_transfer_answer();
"""
RECEIVER_BACK = """
DROP TRIGGER students_transfer_answer ON students_transfer;
DROP FUNCTION students_transfer_answer();
DROP POLICY receiver_answers ON students_transfer;
DROP POLICY receiver_reads ON students_transfer;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("schools", "0002_walls"),
        ("students", "0010_newer_lists"),
    ]

    operations = [
        migrations.CreateModel(
            name="Transfer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=64, verbose_name="姓名")),
                ("on", models.DateField(verbose_name="转出日期")),
                ("reason", models.CharField(max_length=120, verbose_name="原因")),
                (
                    "papers",
                    privacy.fields.SealedField(
                        blank=True, mask="text", null=True, verbose_name="移交的学籍信息"
                    ),
                ),
                ("answer", models.CharField(blank=True, max_length=120, verbose_name="退回原因")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("proposed", "待审核"),
                            ("signed", "待接收"),
                            ("accepted", "已接收"),
                            ("declined", "已退回"),
                            ("withdrawn", "已撤回"),
                        ],
                        default="proposed",
                        max_length=12,
                    ),
                ),
                ("proposed_at", models.DateTimeField()),
                ("sign_at", models.DateTimeField(null=True)),
                ("accept_at", models.DateTimeField(null=True)),
                ("decline_at", models.DateTimeField(null=True)),
                (
                    "accept_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="schools.person",
                    ),
                ),
                (
                    "decline_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="schools.person",
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="schools.person",
                    ),
                ),
                (
                    "school",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="schools.school",
                        verbose_name="学校",
                    ),
                ),
                (
                    "sign_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="schools.person",
                    ),
                ),
                (
                    "student",
                    schools.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transfers",
                        to="students.student",
                    ),
                ),
                (
                    "to_school",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="schools.school",
                        verbose_name="转入学校",
                    ),
                ),
            ],
            options={
                "ordering": ["-proposed_at", "-id"],
                "indexes": [
                    models.Index(fields=["school", "-proposed_at"], name="transfer_out"),
                    models.Index(fields=["to_school", "status"], name="transfer_in"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status__in", ("proposed", "signed"))),
                        fields=("school", "student"),
                        name="transfer_open_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("sign_by", None),
                            models.Q(("sign_by", models.F("proposed_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="transfer_second_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                models.Q(
                                    ("sign_at", None), ("status__in", ("proposed", "withdrawn"))
                                ),
                                models.Q(
                                    ("sign_at__isnull", False),
                                    ("status__in", ("signed", "accepted", "declined")),
                                ),
                                _connector="OR",
                            ),
                            models.Q(
                                models.Q(
                                    ("accept_at__isnull", False),
                                    ("accept_by__isnull", False),
                                    ("status", "accepted"),
                                ),
                                models.Q(
                                    models.Q(("status", "accepted"), _negated=True),
                                    ("accept_at", None),
                                ),
                                _connector="OR",
                            ),
                            models.Q(
                                models.Q(
                                    ("decline_at__isnull", False),
                                    ("status", "declined"),
                                    models.Q(("answer", ""), _negated=True),
                                ),
                                models.Q(
                                    models.Q(("status", "declined"), _negated=True),
                                    ("decline_at", None),
                                ),
                                _connector="OR",
                            ),
                        ),
                        name="transfer_stamps",
                    ),
                ],
            },
        ),
        Wall("Transfer"),
        # Permissive policies add up: the receiver sees what is signed and writes its answer alone.
        migrations.RunSQL(RECEIVER, RECEIVER_BACK),
    ]
