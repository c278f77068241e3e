"""The fence: who commits, what is in the role table, how large things are. import-linter holds the rest."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine, event

from quiz import create_app
from quiz.access import ACCESS

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted([*(ROOT / "quiz").rglob("*.py"), *(ROOT / "question_bank").rglob("*.py")])
COMMANDS = {ROOT / "run.py", ROOT / "question_bank" / "__main__.py"}
MODULE, FUNCTION, VIEW, FACTORY = 400, 40, 15, 60
#: May not know that there is a request: they are called by commands and by the closer as well.
INNER = {"rules.py", "models.py", "queries.py", "services.py"}


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def functions(path: Path) -> Iterator[ast.FunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef):
            yield node


def lines(function: ast.FunctionDef) -> int:
    """Of the function itself: decorators and docstring not counted."""
    start = function.body[0]
    said = isinstance(start, ast.Expr) and isinstance(start.value, ast.Constant)
    return function.end_lineno - function.lineno + 1 - (start.end_lineno - start.lineno + 1 if said else 0)


def is_view(function: ast.FunctionDef) -> bool:
    return any("blueprint" in ast.unparse(decorator) for decorator in function.decorator_list)


def test_only_extensions_commits():
    found = {name(path) for path in SOURCES if ".commit(" in path.read_text()}
    assert found == {"quiz/extensions.py"}


def test_every_route_is_in_the_role_table_and_nothing_else(app: Flask):
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert endpoints - set(ACCESS) == set(), "routes without a row in quiz.access.ACCESS"
    assert set(ACCESS) - endpoints == set(), "rows of quiz.access.ACCESS without a route"


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_sizes(path: Path):
    assert len(path.read_text().splitlines()) <= MODULE
    for function in functions(path):
        most = VIEW if is_view(function) else FACTORY if function.name == "create_app" else FUNCTION
        assert lines(function) <= most, f"{function.name}: {lines(function)} lines"


def test_nothing_prints_but_commands():
    for path in set(SOURCES) - COMMANDS:
        calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
        printed = [call for call in calls if getattr(call.func, "id", "") == "print"]
        assert printed == [], name(path)


def test_the_inner_modules_do_not_know_the_request():
    for path in SOURCES:
        if path.name not in INNER or path.parent == ROOT / "quiz":
            continue
        imported = {
            f"{node.module}.{alias.name}"
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }
        assert imported.isdisjoint({"flask.request", "flask.session", "flask_login.current_user"}), name(path)


def test_no_module_is_named_after_nothing():
    assert {path.stem for path in SOURCES}.isdisjoint({"utils", "helpers", "common", "misc"})


def test_building_the_application_asks_the_database_nothing(settings: dict[str, object]):
    asked = []

    def remember(*_: object) -> None:
        asked.append(True)

    event.listen(Engine, "connect", remember)
    try:
        create_app(settings)
    finally:
        event.remove(Engine, "connect", remember)
    assert asked == []
