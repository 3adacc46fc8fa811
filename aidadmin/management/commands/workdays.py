"""manage.py workdays DATE N: the last day of a period of N working days that starts on DATE."""

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from schools.official import last_day


class Command(BaseCommand):
    """Print the last day; 暂定 when the official calendar does not reach so far."""

    help = "从 DATE 起 N 个工作日的最后一天（起始日不计）"

    def add_arguments(self, parser: CommandParser) -> None:
        """DATE as 2026-09-01, N as a whole number from 1."""
        parser.add_argument("date", help="起始日，如 2026-09-01")
        parser.add_argument("n", type=int, help="工作日数")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print one date."""
        try:
            start = date.fromisoformat(options["date"])
            span = last_day(start, options["n"])
        except ValueError as error:
            raise CommandError(f"日期或天数不对：{error}") from error
        self.stdout.write(f"{span.last}{'（暂定）' if span.provisional else ''}")
