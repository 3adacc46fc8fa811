"""For every URL parameter a row of a given school, so the sweep can ask with own and foreign ids.

Each app adds a module `tests/sweep/<app>.py` with `objects(staffed) -> dict[parameter, value]`;
a parameter name means the same thing in every address of the product.
"""

from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import tests.sweep as package
from schools.scope import acting_for
from tests.cast import Staffed


def objects_of(staffed: Staffed) -> dict[str, Any]:
    """Every app's objects for one school."""
    found: dict[str, Any] = {"school_id": staffed.school.pk, "term_code": "2026-1"}
    with acting_for(staffed.school):
        for module in sorted(m.name for m in iter_modules(package.__path__)):
            if module.startswith("test_") or module == "objects":
                continue
            found |= import_module(f"tests.sweep.{module}").objects(staffed)
    return found
