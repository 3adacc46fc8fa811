"""manage.py verify: audit chains and ledger balances; exit 1 and the place when one is broken."""

import sys
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand

from aidadmin import checks
from audit.verify import broken_links
from disbursement import ledger
from schools.models import Organisation
from schools.scope import acting_for


class Command(BaseCommand):
    """Check every organisation."""

    help = "核对审计链和资金台账；有断开或不平时说明位置并以 1 退出"

    def handle(self, *args: Any, **options: Any) -> None:
        """Print every break, or that there is none."""
        found = list(_breaks())
        for line in found:
            self.stdout.write(line)
        if found:
            sys.exit(1)
        self.stdout.write(f"{Organisation.objects.count()}个机构的审计链和台账都相符。")


def _breaks() -> Iterator[str]:
    yield from (str(error.msg) for error in checks.keys(["default"]))
    for organisation in Organisation.objects.select_related("school").order_by("pk"):
        with acting_for(organisation):
            yield from (str(b) for b in broken_links(organisation.pk))
            if organisation.is_school:
                for line in ledger.disagreements(organisation.school):
                    yield f"{organisation.name}：{line}"
