"""manage.py diagrams: the state diagrams of docs/states.md, drawn from the models' move tables."""

import sys
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import models

from audit.moves import Move

HEAD = """# States

Generated from the models' move tables by `manage.py diagrams`; `make check` fails when it is stale.
"""


class Command(BaseCommand):
    """Write docs/states.md, or with --check say whether it is stale."""

    help = "由模型的状态表生成 docs/states.md；--check 只检查是否过期"

    def add_arguments(self, parser: CommandParser) -> None:
        """Whether to write or to check."""
        parser.add_argument("--check", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write or compare."""
        target = settings.BASE_DIR / "docs" / "states.md"
        text = "\n".join([HEAD, *_diagrams()])
        if not options["check"]:
            target.write_text(text)
        elif not target.exists() or target.read_text() != text:
            self.stderr.write("docs/states.md 已过期，请运行 manage.py diagrams")
            sys.exit(1)


def _diagrams() -> Iterator[str]:
    for model in apps.get_models():
        moves: tuple[Move, ...] | None = getattr(model, "MOVES", None)
        if moves:
            yield _diagram(model, moves)


def _diagram(model: type[models.Model], moves: tuple[Move, ...]) -> str:
    status = model._meta.get_field("status")
    if not isinstance(status, models.Field):
        raise TypeError(f"{model._meta.label} has moves but its status is no column")
    labels = dict(status.flatchoices)
    lines = [f"## {model._meta.label}", "", "```mermaid", "stateDiagram-v2"]
    lines += [f"  {value}: {label}" for value, label in labels.items()]
    lines.append(f"  [*] --> {status.default}")
    for one in moves:
        lines += [f"  {source} --> {one.target}: {one.label}" for source in sorted(one.sources)]
    return "\n".join([*lines, "```", ""])
