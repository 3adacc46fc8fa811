"""manage.py load_reference: calendar, terms, special groups, programmes and tiers."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from aidadmin import reference


class Command(BaseCommand):
    """Fill the reference tables; running it again changes nothing."""

    help = "装入参考数据：工作日历、学期、特殊群体类型、资助项目与档次、评分方案"

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        """Load."""
        reference.load()
        self.stdout.write("参考数据已就绪。")
