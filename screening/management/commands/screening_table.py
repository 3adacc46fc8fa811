"""manage.py screening_table --form school|district --org CODE --term 2026-1 --output FILE.xlsx"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from audit.events import SystemActor, record
from audit.refusal import Refused
from schools import clock
from schools.models import Organisation, School, Term
from schools.scope import acting_for
from screening import annexes


class Command(BaseCommand):
    """Write 附件1/附件2; exit 1 with the reasons when anything disagrees."""

    help = "生成学期排查附件1（中职）或附件2（学校分表、区教育局汇总表）"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The contract of the command."""
        parser.add_argument("--form", choices=["school", "district"], required=True)
        parser.add_argument("--org", required=True, help="学校标识码，或教育局代码")
        parser.add_argument("--term", required=True, help="学期，例如2026-1")
        parser.add_argument("--output", required=True, type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Gather, check, write, and leave an audit line."""
        term = Term.objects.filter(code=options["term"]).first()
        if term is None:
            raise CommandError(f"没有学期{options['term']}，写法如2026-1")
        organisation = _organisation(options["form"], options["org"])
        with acting_for(organisation):
            try:
                annex = self._written(organisation, term, options)
            except Refused as refused:
                raise CommandError(str(refused)) from None
        if annex.missing:
            names = "、".join(annex.missing)
            self.stderr.write(f"注意：{len(annex.missing)}所学校没有签字报送，未计入：{names}")
        self.stdout.write(
            f"{annex.kind} {organisation.name} {term.season_label}："
            f"困难学生{annex.numbers.total}人，应助未助{annex.numbers.unaided}人，"
            f"已写入{options['output'].name}"
        )

    def _written(
        self, organisation: Organisation, term: Term, options: dict[str, Any]
    ) -> annexes.Annex:
        with transaction.atomic():
            annex = (
                annexes.for_school(organisation, term)
                if isinstance(organisation, School)
                else annexes.for_bureau(organisation, term)
            )
            footer = f"{clock.now():%Y-%m-%d %H:%M}命令导出，含身份证号，仅用于报送"
            content = annexes.written(annex, footer=footer)
            record(
                by=SystemActor(organisation.pk),
                verb="screening.export",
                label="导出排查表（含完整身份证号）",
                subject=organisation,
                organisation_id=organisation.pk,
                at=clock.now(),
                facts={"form": options["form"], "term": term.code},
                reason="命令行导出",
            )
            try:
                options["output"].write_bytes(content)
            except OSError as error:
                raise CommandError(f"不能写入文件：{error.strerror}") from None
        return annex


def _organisation(form: str, code: str) -> Organisation:
    if form == "school":
        school = School.objects.select_related("territory").filter(code=code).first()
        if school is None:
            raise CommandError(f"没有标识码为{code}的学校")
        return school
    bureau = Organisation.objects.filter(code=code).exclude(kind=Organisation.Kind.SCHOOL).first()
    if bureau is None:
        raise CommandError(f"没有代码为{code}的教育局")
    return bureau
