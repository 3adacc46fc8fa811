"""Reads the tests: which action do racers call in a race, and in the control of one?

An action counts where a test that reaches `race` (or `unguarded`, `meanwhile`) names it in code
that is handed over to be called: inside a lambda or an inner function, or bare, without a call.
What a test calls itself, to set the stage, does not count. Names are followed through the helpers
of the tests and compared as objects, so that two actions of one name are told apart.
"""

import ast
import importlib
import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from tests import racing

ROOT = Path(__file__).parents[1]
# Names actions without racing them, to try this reader.
ITSELF = "test_races_complete.py"
APPS = (
    "aidadmin",
    "applications",
    "archive",
    "disbursement",
    "office",
    "review",
    "schools",
    "screening",
    "students",
)
ASIDE = {"migrations", "management", "demo"}
Action = Any
Place = tuple[ModuleType, str]
_trees: dict[ModuleType, dict[str, ast.AST]] = {}


def module_of(path: Path) -> ModuleType:
    """The module of a source file of the project."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return importlib.import_module(".".join(parts))


def actions() -> dict[Action, str]:
    """Every public writer: atomic as a whole, or in part inside an app's actions."""
    found: dict[Action, str] = {}
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            if not ASIDE & set(path.parts) and path.name != "__init__.py":
                found |= _actions_of(path)
    return found


def _actions_of(path: Path) -> dict[Action, str]:
    source = path.read_text()
    if "atomic" not in source:
        return {}
    writes_in_part = "actions" in path.parts or path.name == "actions.py"
    found = {}
    for node in ast.parse(source).body:
        if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
            continue
        whole = any("atomic" in ast.unparse(d) for d in node.decorator_list)
        if whole or (writes_in_part and "transaction.atomic()" in ast.unparse(node)):
            module = module_of(path)
            found[getattr(module, node.name)] = f"{module.__name__}.{node.name}"
    return found


def raced_by_tests() -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """For each action's full name the tests that race it, and those that are its control."""
    known = actions()
    races: dict[str, list[str]] = {}
    controls: dict[str, list[str]] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        source = path.read_text()
        words = ("race(", "unguarded(", "meanwhile(", "races")
        if path.name == ITSELF or not any(word in source for word in words):
            continue
        module = module_of(path)
        for name, node in _names(module).items():
            if name.startswith("test_") and isinstance(node, ast.FunctionDef):
                test = f"{path.relative_to(ROOT / 'tests')}::{name}"
                everything, handed_over = reach(module, name)
                control = racing.unguarded in everything or racing.meanwhile in everything
                if control or racing.race in everything:
                    into = controls if control else races
                    if racing.meanwhile in everything:
                        # One acts in the middle of another, who is called by the test itself.
                        handed_over = everything
                    for action in handed_over & known.keys():
                        into.setdefault(known[action], []).append(test)
    return races, controls


def _names(module: ModuleType) -> dict[str, ast.AST]:
    """The functions and constants of a module by name, as they were written."""
    if module not in _trees:
        found: dict[str, ast.AST] = {}
        for node in ast.parse(Path(str(module.__file__)).read_text()).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                found[node.name] = node
            elif isinstance(node, ast.Assign):
                found |= {t.id: node.value for t in node.targets if isinstance(t, ast.Name)}
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                found[node.target.id] = node.value or node.target
        _trees[module] = found
    return _trees[module]


def reach(module: ModuleType, name: str) -> tuple[set[Any], set[Any]]:
    """All objects that a test names, through helpers too, and those that are handed over."""
    todo, seen = [(module, name, False)], set()
    everything: set[Any] = set()
    handed_over: set[Any] = set()
    while todo:
        step = todo.pop()
        if step in seen:
            continue
        seen.add(step)
        where, what, later = step
        node = _names(where).get(what)
        if node is None:
            todo += [(*place, later) for place in _imported(where, what)]
            continue
        for found, place, is_later in _references(node, where, later):
            if inspect.isfunction(found):
                everything.add(found)
                if is_later:
                    handed_over.add(found)
            if place[0].__name__.startswith("tests.") and place[0] is not racing:
                todo.append((*place, is_later))
    return everything, handed_over


def _imported(module: ModuleType, name: str) -> Iterator[Place]:
    found = getattr(module, name, None)
    home = sys.modules.get(getattr(found, "__module__", None) or "")
    if home is None or home in (module, racing) or not home.__name__.startswith("tests."):
        return
    if inspect.isfunction(found):
        yield home, found.__name__


def _references(
    node: ast.AST, module: ModuleType, later: bool, *, called: bool = False
) -> Iterator[tuple[Any, Place, bool]]:
    if isinstance(node, ast.Name | ast.Attribute):
        found, place = _resolved(node, module)
        if place is not None:
            # Bare, it is handed over; a helper's body is looked at as what it is.
            bare = not called and not _is_helper(found)
            yield found, place, later or bare
        return
    if isinstance(node, ast.Call):
        yield from _references(node.func, module, later, called=True)
        for part in (*node.args, *node.keywords):
            yield from _references(part, module, later)
        return
    later = later or isinstance(node, ast.Lambda)
    for part in ast.iter_child_nodes(node):
        yield from _references(part, module, later or isinstance(part, ast.FunctionDef))


def _is_helper(found: Any) -> bool:
    return str(getattr(found, "__module__", "")).startswith("tests.")


def _resolved(node: ast.AST, module: ModuleType) -> tuple[Any, Place | None]:
    if isinstance(node, ast.Name):
        return getattr(module, node.id, None), (module, node.id)
    if isinstance(node, ast.Attribute):
        base, _ = _resolved(node.value, module)
        if isinstance(base, ModuleType):
            return getattr(base, node.attr, None), (base, node.attr)
    return None, None
