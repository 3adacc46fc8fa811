"""manage.py demo_files FOLDER: sample files for every import of the demonstration."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from aidadmin.demo import sample


class Command(BaseCommand):
    """Write rosters, departments' lists and cards of the demonstration, and some broken files."""

    help = "写出演示区每种导入的样例文件"

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to."""
        parser.add_argument("folder", type=Path, help="目标文件夹")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write and name them."""
        for path in sample.write(options["folder"]):
            self.stdout.write(str(path))
