"""manage.py match_list CATEGORY FILE --bureau CODE: match a department's list with the rosters."""

import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.db.models import Q

from audit.refusal import Refused
from office.spreadsheets.reading import Unreadable
from schools import clock
from schools.models import Organisation
from schools.roles import Role
from schools.scope import acting_for
from students.actions import match_list, upload_list
from students.management.actors import actor, organisation
from students.models import SpecialGroup
from students.rules.departments import ListReading, read_list
from students.rules.roster.problems import Problem

NUMBERS = ("rows", "matched", "unmatched", "tagged")


class Command(BaseCommand):
    """Tag the students on a list; exit 0 no errors, 2 errors in rows, 1 unreadable file."""

    help = "比对部门名单：身份证号一致的学生记上特殊群体；行中有错误时以 2 退出，什么也不写"

    def add_arguments(self, parser: CommandParser) -> None:
        """The group by code or name, the file, the bureau, and the list's dates."""
        parser.add_argument("category", metavar="CATEGORY", help="类型代码或名称，如 dibao")
        parser.add_argument("file", metavar="FILE", type=Path, help="名单文件")
        parser.add_argument("--bureau", metavar="CODE", required=True, help="资助中心代码")
        parser.add_argument("--issued", type=date.fromisoformat, help="名单日期，默认今天")
        parser.add_argument("--valid-from", type=date.fromisoformat, help="有效期起，默认名单日期")
        parser.add_argument("--valid-to", type=date.fromisoformat, help="有效期止，默认不限")
        parser.add_argument("--good-rows", action="store_true", help="有错误的行除外，其余比对")
        parser.add_argument("--json", action="store_true", help="输出 JSON")
        parser.add_argument("--as", dest="username", help="以哪个账号的经办职责比对")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, match when possible, report."""
        try:
            self._handle(options)
        except CommandError as error:
            # Whoever reads the answer by program finds the reason there too.
            if options["json"]:
                self.stdout.write(json.dumps(_untold(options, str(error)), ensure_ascii=False))
            raise

    def _handle(self, options: dict[str, Any]) -> None:
        acting = organisation(options["bureau"], school=False)
        group = _group(options["category"])
        content, name = _content(options["file"]), options["file"].name
        try:
            reading = read_list(content, name, today=clock.today())
        except Unreadable as error:
            raise CommandError(f"{error.reason}{error.mend}", returncode=1) from None
        counts: dict[str, Any] = {"rows": reading.rows}
        # Whose number can't be used is asked about all the same, as on the page.
        anybody = bool(reading.people or reading.by_name)
        matched = anybody and (options["good_rows"] or not reading.problems)
        if matched:
            with acting_for(acting):
                counts = _match(acting, group, content, name, options)
        self._report(group, reading, counts, matched=matched, as_json=options["json"])
        if reading.problems:
            sys.exit(2)

    def _report(
        self,
        group: SpecialGroup,
        reading: ListReading,
        counts: dict[str, Any],
        *,
        matched: bool,
        as_json: bool,
    ) -> None:
        codes = dict(Organisation.objects.values_list("pk", "code"))
        schools = {codes[int(pk)]: n for pk, n in counts.get("schools", {}).items()}
        numbers, asked = {n: counts.get(n, 0) for n in NUMBERS}, counts.get("asked", 0)
        if as_json:
            answer = {
                "category": group.code,
                **numbers,
                "schools": schools,
                "errors": [p.as_json() for p in reading.problems],
                "warnings": [p.as_json() for p in reading.doubts],
                "applied": matched,
            }
            self.stdout.write(json.dumps(answer, ensure_ascii=False))
            return
        self.stdout.write(
            f"{group}：{numbers['rows']}行，比中{numbers['matched']}人，"
            f"未比中{numbers['unmatched']}人，新标记{numbers['tagged']}人次"
            + (f"；已请学校确认{asked}人是不是本校学生。" if asked else "。")
        )
        for code, n in sorted(schools.items()):
            self.stdout.write(f"{code} {n}人")
        for problem in reading.problems:
            self.stdout.write(
                f"错误 {problem.sheet}!{problem.cell} {problem.value}：{problem.reason}"
            )
        for doubt in reading.doubts:
            self.stdout.write(f"请核对 {doubt.sheet}!{doubt.cell}：{doubt.reason}")
        if not matched:
            self.stdout.write("没有比对。")


def _untold(options: dict[str, Any], reason: str) -> dict[str, Any]:
    """The same shape for a list of which nothing was read or matched, and why."""
    error = Problem("", 0, None, "", "", reason).as_json() | {"cell": ""}
    return {
        "category": options["category"],
        **dict.fromkeys(NUMBERS, 0),
        "schools": {},
        "errors": [error],
        "warnings": [],
        "applied": False,
    }


@transaction.atomic
def _match(
    acting: Organisation, group: SpecialGroup, content: bytes, name: str, options: dict[str, Any]
) -> dict[str, Any]:
    issued = options["issued"] or clock.today()
    by = actor(acting, Role.BUREAU_OPERATOR, options["username"])
    try:
        listed = upload_list(
            bureau=acting,
            group=group,
            content=content,
            filename=name,
            issued_on=issued,
            valid_from=options["valid_from"] or issued,
            valid_to=options["valid_to"],
            by=by,
        )
        counts: dict[str, Any] = match_list(listed=listed, by=by).counts
    except Refused as refused:
        raise CommandError(str(refused), returncode=1) from None
    return counts


def _group(category: str) -> SpecialGroup:
    found = SpecialGroup.objects.filter(Q(code=category) | Q(name=category)).first()
    if found is None:
        codes = "、".join(SpecialGroup.objects.values_list("code", flat=True))
        raise CommandError(f"没有“{category}”这一类型，可用：{codes}。")
    return found


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CommandError(f"打不开文件 {path.name}。", returncode=1) from error
