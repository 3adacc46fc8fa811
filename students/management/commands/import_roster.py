"""manage.py import_roster SCHOOL_CODE FILE: what a roster would change; --apply writes it."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from audit.refusal import Refused
from office.spreadsheets.reading import Unreadable
from schools.roles import Role
from schools.scope import acting_for
from students.actions import apply_roster, stage_roster
from students.management.actors import actor, organisation
from students.rules.roster.difference import counts_of
from students.rules.roster.examination import Examination, examine
from students.rules.roster.problems import Problem

SHOWN = ("rows", "added", "changed", "unchanged", "left")
WORDS = {
    "rows": "行",
    "added": "新增",
    "changed": "更改",
    "unchanged": "不变",
    "left": "名册中有、文件中没有",
}


@dataclass(slots=True)
class Report:
    """What is told of a file, without its rows."""

    counts: dict[str, Any]
    problems: list[Problem]
    warnings: list[Problem]
    nothing: bool
    applied: bool = False


class Command(BaseCommand):
    """Report, or with --apply import; exit 0 no errors, 2 errors in rows, 1 unreadable file."""

    help = "导入名册：默认只报告，--apply 才写入；行中有错误时以 2 退出，什么也不写"

    def add_arguments(self, parser: CommandParser) -> None:
        """The school's code and the file."""
        parser.add_argument("school", metavar="SCHOOL_CODE", help="学校代码")
        parser.add_argument("file", metavar="FILE", type=Path, help="名册文件")
        parser.add_argument("--apply", action="store_true", help="写入名册")
        parser.add_argument("--good-rows", action="store_true", help="有错误的行除外，其余写入")
        parser.add_argument("--json", action="store_true", help="输出 JSON")
        parser.add_argument("--as", dest="username", help="以哪个账号的经办职责导入")

    def handle(self, *args: Any, **options: Any) -> None:
        """Examine, apply when asked and possible, report."""
        try:
            report = _reported(options)
        except CommandError as error:
            # Whoever reads the answer by program finds the reason there too.
            if options["json"]:
                self._tell(_unread(str(error)), as_json=True)
            raise
        self._tell(report, as_json=options["json"])
        if report.problems:
            sys.exit(2)

    def _tell(self, report: Report, *, as_json: bool) -> None:
        counts = report.counts
        if as_json:
            answer = {
                **{name: counts[name] for name in SHOWN},
                "errors": [_coded(p) for p in report.problems],
                "warnings": [_coded(p) for p in report.warnings],
                "applied": report.applied,
            }
            self.stdout.write(json.dumps(answer, ensure_ascii=False))
            return
        self.stdout.write("，".join(f"{WORDS[name]}{counts[name]}" for name in SHOWN))
        for problem in report.problems:
            said = f"{problem.sheet}!{problem.cell} {problem.label} {problem.value}"
            self.stdout.write(f"错误 {said}：{problem.reason}")
        for problem in report.warnings:
            self.stdout.write(f"请核对 {problem.sheet}!{problem.cell}：{problem.reason}")
        if report.nothing and not report.problems:
            self.stdout.write("这份文件没有变化。")
        else:
            self.stdout.write("已写入名册。" if report.applied else "没有写入名册。")


def _reported(options: dict[str, Any]) -> Report:
    acting = organisation(options["school"], school=True)
    content, name = _content(options["file"]), options["file"].name
    with acting_for(acting):
        try:
            seen = examine(school=acting.school, content=content, filename=name)
        except Unreadable as error:
            raise CommandError(f"{error.reason}{error.mend}", returncode=1) from None
        report = _report(seen)
        wanted = options["apply"] and (options["good_rows"] or not seen.reading.bad_rows)
        if wanted and not report.nothing:
            by = actor(acting, Role.OPERATOR, options["username"])
            with transaction.atomic(), _refusals():
                staged = stage_roster(
                    school=acting.school, content=content, filename=name, by=by, seen=seen
                )
                # The rows of a long file are not held twice.
                del seen
                apply_roster(staged=staged, by=by, good_rows=options["good_rows"])
            report.applied = True
    return report


def _unread(reason: str) -> Report:
    """The same shape for a file of which nothing was read or written: why, and no rows."""
    return Report(dict.fromkeys(SHOWN, 0), [Problem("", 0, None, "", "", reason)], [], True)


def _report(seen: Examination) -> Report:
    reading, difference = seen.reading, seen.difference
    return Report(
        counts_of(reading, difference), reading.problems, reading.warnings, difference.nothing
    )


def _coded(problem: Problem) -> dict[str, Any]:
    """A program asks for a column by its code, whatever people call it."""
    cell = problem.cell if problem.sheet else ""
    return problem.as_json() | {"cell": cell, "column": problem.field}


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except Refused as refused:
        raise CommandError(str(refused), returncode=1) from None


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CommandError(f"打不开文件 {path.name}。", returncode=1) from error
