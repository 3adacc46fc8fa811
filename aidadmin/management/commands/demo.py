"""manage.py demo: the demonstration district, prepared for the browser or walked at once."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction

from aidadmin.demo import accounts, district, last_year, scratch, summary, walk
from schools import clock


class Command(BaseCommand):
    """Prepare the demonstration, print its accounts, or replay a whole term."""

    help = "演示区：--prepare 建立，--accounts 列出账号，--once 走完一个学期并核对"

    def add_arguments(self, parser: CommandParser) -> None:
        """One of three modes."""
        mode = parser.add_mutually_exclusive_group(required=True)
        mode.add_argument("--prepare", action="store_true", help="演示区不存在时建立")
        mode.add_argument("--accounts", action="store_true", help="列出演示账号")
        mode.add_argument("--once", action="store_true", help="走完一个学期，打印核对结果")
        parser.add_argument("--json", action="store_true", help="与 --once 同用：输出 JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do what was asked; exit 1 when totals disagree."""
        if options["prepare"]:
            self.stdout.write(accounts.prepare())
        elif options["accounts"]:
            self.stdout.write(accounts.listing())
        else:
            self._once(as_json=options["json"])

    def _once(self, *, as_json: bool) -> None:
        with scratch.database():
            with transaction.atomic():
                demo = district.found()
            last_year.begin(demo)
            walk.begin(demo)
            for school in demo.schools:
                walk.walk(school)
            found = [summary.of(school) for school in demo.schools]
        if as_json:
            answer = summary.as_dict(found, clock.today())
            self.stdout.write(json.dumps(answer, ensure_ascii=False, indent=2))
        else:
            self.stdout.write("\n".join(summary.as_text(found)))
        if any(s.disagreements for s in found):
            sys.exit(1)
