"""更正转出日期: the receiver reads it and answers; who makes which move is guarded here."""

from importlib import import_module
from typing import Any

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q

import schools.tenancy
from schools.walls import Wall

RECEIVER = """
CREATE POLICY receiver_reads ON students_transferday FOR SELECT
  USING (to_school_id = (SELECT aid_scope()));
CREATE POLICY receiver_answers ON students_transferday FOR UPDATE
  USING (to_school_id = (SELECT aid_scope()) AND status IN ('proposed', 'refused'))
  WITH CHECK (to_school_id = (SELECT aid_scope())
    AND status IN ('agreed', 'declined', 'restored'));
CREATE FUNCTION students_transferday_moves() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  step text := OLD.status || '>' || NEW.status;
  writes text[];
BEGIN
  IF OLD.to_school_id = public.aid_scope() THEN
    writes := CASE step
      WHEN 'proposed>agreed' THEN ARRAY['agree_at', 'agree_by_id', 'taken']
      WHEN 'proposed>declined' THEN ARRAY['decline_at', 'decline_by_id', 'answer']
      WHEN 'refused>restored' THEN ARRAY['restore_at', 'restore_by_id'] END;
  ELSE
    writes := CASE step
      WHEN 'proposed>withdrawn' THEN ARRAY['withdraw_at', 'withdraw_by_id']
      WHEN 'agreed>signed' THEN ARRAY['sign_at', 'sign_by_id']
      WHEN 'agreed>refused' THEN ARRAY['refuse_at', 'refuse_by_id', 'refusal'] END;
  END IF;
  IF writes IS NULL
     OR to_jsonb(OLD) - writes - 'status' IS DISTINCT FROM to_jsonb(NEW) - writes - 'status' THEN
    RAISE EXCEPTION 'this school does not change a transfer''s day so (%)', step
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER students_transferday_moves BEFORE UPDATE ON students_transferday
  FOR EACH ROW EXECUTE FUNCTION students_transferday_moves();
CREATE FUNCTION students_transferday_begins() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF NEW.status <> 'proposed' OR NOT EXISTS (
    SELECT FROM public.students_transfer t
    WHERE t.school_id = NEW.school_id AND t.id = NEW.transfer_id AND t.status = 'accepted'
      AND t.to_school_id = NEW.to_school_id AND t."on" = NEW.before) THEN
    RAISE EXCEPTION 'a transfer''s day is proposed for an accepted transfer as it stands'
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER students_transferday_begins BEFORE INSERT ON students_transferday
  FOR EACH ROW EXECUTE FUNCTION students_transferday_begins();
"""
RECEIVER_BACK = """
DROP TRIGGER students_transferday_begins ON students_transferday;
DROP FUNCTION students_transferday_begins();
DROP TRIGGER students_transferday_moves ON students_transferday;
DROP FUNCTION students_transferday_moves();
DROP POLICY receiver_answers ON students_transferday;
DROP POLICY receiver_reads ON students_transferday;
"""
# Of an accepted transfer the sender changes the day alone, to one that both schools signed.
ANSWER = """
CREATE OR REPLACE FUNCTION students_transfer_answer() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  answers text[] := ARRAY['status', 'answer', 'accept_at', 'accept_by_id',
                          'decline_at', 'decline_by_id'];
  days text[] := ARRAY['on', 'away_since'];
BEGIN
  IF OLD.to_school_id = public.aid_scope()
     AND to_jsonb(OLD) - answers IS DISTINCT FROM to_jsonb(NEW) - answers THEN
    RAISE EXCEPTION 'the receiver of a transfer only answers it'
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF OLD.school_id = public.aid_scope() AND OLD.to_school_id <> OLD.school_id
     AND NEW.status IN ('accepted', 'declined') AND (
       OLD.status <> 'accepted' OR to_jsonb(OLD) - days <> to_jsonb(NEW) - days
       OR NOT EXISTS (
         SELECT FROM public.students_transferday d
         WHERE d.school_id = OLD.school_id AND d.transfer_id = OLD.id AND d.status = 'signed'
           AND d.before = OLD."on" AND d."on" = NEW."on"
           AND d.away_since IS NOT DISTINCT FROM NEW.away_since)) THEN
    RAISE EXCEPTION 'the sender of a transfer does not answer it'
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
"""
_BEFORE = import_module("students.migrations.0011_transfer").RECEIVER
ANSWER_BACK = _BEFORE[_BEFORE.index("CREATE FUNCTION") : _BEFORE.index("CREATE TRIGGER")].replace(
    "CREATE", "CREATE OR REPLACE", 1
)
AGREED = ("agreed", "signed", "refused", "restored")


def person(*, null: bool = True) -> Any:
    """A key to who did it."""
    return models.ForeignKey(
        null=null,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        to="schools.person",
    )


def stamped(verb: str, *statuses: str) -> Q:
    """Who and when are known in these statuses, and in no others."""
    known = {f"{verb}_at__isnull": False, f"{verb}_by__isnull": False}
    unknown = {f"{verb}_at": None, f"{verb}_by": None}
    return Q(status__in=statuses, **known) | (~Q(status__in=statuses) & Q(**unknown))


def said(name: str, *statuses: str) -> Q:
    """A reason is written in these statuses, and in no others."""
    return (Q(status__in=statuses) & ~Q(**{name: ""})) | (~Q(status__in=statuses) & Q(**{name: ""}))


CONSTRAINTS: list[models.BaseConstraint] = [
    models.UniqueConstraint(
        fields=["school", "transfer"],
        name="transferday_open_once",
        condition=Q(status__in=("proposed", "agreed", "refused")),
    ),
    models.CheckConstraint(name="transferday_moved", condition=~Q(on=F("before"))),
    models.CheckConstraint(
        name="transferday_away", condition=Q(away_since=None) | Q(away_since__lte=F("on"))
    ),
    models.CheckConstraint(name="transferday_two_schools", condition=~Q(to_school=F("school"))),
    models.CheckConstraint(
        name="transferday_second_person",
        condition=(Q(sign_by=None) | ~Q(sign_by=F("proposed_by")))
        & (Q(refuse_by=None) | ~Q(refuse_by=F("proposed_by"))),
    ),
    models.CheckConstraint(
        name="transferday_said",
        condition=~Q(reason="")
        & said("answer", "declined")
        & said("refusal", "refused", "restored"),
    ),
    models.CheckConstraint(
        name="transferday_answered",
        condition=stamped("agree", *AGREED)
        & stamped("decline", "declined")
        & stamped("restore", "restored")
        & (Q(status__in=AGREED, taken__isnull=False) | (~Q(status__in=AGREED) & Q(taken=None))),
    ),
    models.CheckConstraint(
        name="transferday_stamps",
        condition=stamped("withdraw", "withdrawn")
        & stamped("sign", "signed")
        & stamped("refuse", "refused", "restored"),
    ),
]


class Migration(migrations.Migration):
    dependencies = [
        ("schools", "0003_term_entered_late"),
        ("students", "0039_names_checked"),
    ]

    operations = [
        migrations.CreateModel(
            name="TransferDay",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("before", models.DateField(verbose_name="原来的转出日期")),
                ("on", models.DateField(verbose_name="更正后的转出日期")),
                ("away_since", models.DateField(null=True, verbose_name="在原校休学的日期")),
                ("reason", models.CharField(max_length=120, verbose_name="更正的原因")),
                ("answer", models.CharField(blank=True, max_length=120, verbose_name="退回原因")),
                (
                    "refusal",
                    models.CharField(blank=True, max_length=120, verbose_name="不同意的原因"),
                ),
                ("taken", models.BigIntegerField(null=True, verbose_name="转入记录")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("proposed", "待转入学校同意"),
                            ("agreed", "待转出学校审核"),
                            ("signed", "已更正"),
                            ("declined", "转入学校已退回"),
                            ("withdrawn", "已撤回"),
                            ("refused", "审核未同意，待恢复"),
                            ("restored", "审核未同意，已恢复"),
                        ],
                        default="proposed",
                        max_length=12,
                    ),
                ),
                ("proposed_at", models.DateTimeField()),
                ("agree_at", models.DateTimeField(null=True)),
                ("decline_at", models.DateTimeField(null=True)),
                ("withdraw_at", models.DateTimeField(null=True)),
                ("sign_at", models.DateTimeField(null=True)),
                ("refuse_at", models.DateTimeField(null=True)),
                ("restore_at", models.DateTimeField(null=True)),
                ("agree_by", person()),
                ("decline_by", person()),
                ("proposed_by", person(null=False)),
                ("refuse_by", person()),
                ("restore_by", person()),
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
                ("sign_by", person()),
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
                (
                    "transfer",
                    schools.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="days",
                        to="students.transfer",
                    ),
                ),
                ("withdraw_by", person()),
            ],
            options={
                "ordering": ["-proposed_at", "-id"],
                "indexes": [
                    models.Index(fields=["school", "-proposed_at"], name="transferday_out"),
                    models.Index(fields=["to_school", "status"], name="transferday_in"),
                ],
                "constraints": CONSTRAINTS,
            },
        ),
        Wall("TransferDay"),
        migrations.RunSQL(RECEIVER, RECEIVER_BACK),
        migrations.RunSQL(ANSWER, ANSWER_BACK),
    ]
