"""What the house rules say, held by the code itself."""

import ast
import importlib
import pkgutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

import incubator
from incubator.app import create_app
from incubator.core import actions, states
from incubator.core.db import Model
from incubator.permissions import PERMISSIONS
from incubator.web.routes import PUBLIC, SAFE_METHODS, SIGNED_IN, Routes, collect_rights
from incubator.web.words import WORDS

SOURCES = sorted(Path("incubator").rglob("*.py"))
HEAVY = {
    "alibabacloud_bssopenapi20171214", "alibabacloud_tea_openapi", "botocore", "boto3", "duckdb", "holidays",
    "huaweicloudsdkcore", "icalendar", "jsonschema", "keystoneauth1", "kubernetes", "numpy", "openpyxl", "openstack",
    "ortools", "pandas", "requests", "rjieba", "scipy", "tencentcloud", "typst", "valkey",
}  # fmt: skip
"""What is imported when it is needed: by jobs, and by pages that are seldom asked for."""


def test_only_transaction_commits():
    found = {
        str(path)
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
        and node.attr in {"commit", "rollback"}
        and ast.unparse(node).startswith("db.session")
    }
    # a page that says no, and the health check, let go of what they have read
    assert found <= {"incubator/core/transaction.py", "incubator/app.py", "incubator/core/health.py"}
    commits = [str(path) for path in SOURCES if "db.session.commit(" in path.read_text()]
    assert commits == ["incubator/core/transaction.py"]


def test_an_error_is_logged_by_its_class_or_by_what_is_no_value_in_it():
    """What an error says may quote a person; `named` and exc_info leave that out (core/log.py)."""
    found = {
        f"{path}:{name.lineno}"
        for path in SOURCES
        for handler in ast.walk(ast.parse(path.read_text()))
        if isinstance(handler, ast.ExceptHandler) and handler.name
        for call in ast.walk(handler)
        if isinstance(call, ast.Call) and ast.unparse(call.func).partition(".")[0] in {"log", "logger"}
        for name in _plain_names(call)
        if name.id == handler.name
    }
    assert found == set()


def _plain_names(node: ast.AST) -> Iterator[ast.Name]:
    """The names in an expression but for those that `type` or `named` is asked about."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Call) and ast.unparse(child.func) in {"type", "named"}:
            continue
        if isinstance(child, ast.Name):
            yield child
        yield from _plain_names(child)


def test_every_action_and_step_has_a_permission_and_every_permission_is_used(shared_app):
    steps = {f"{machine.name}.{step}" for machine in states.machines.values() for step in machine.steps}
    pages = {right.name for right in shared_app.extensions["rights"].values()} - {PUBLIC, SIGNED_IN}
    used = set(actions.actions) | steps | pages

    assert used - set(PERMISSIONS) == set()
    assert set(PERMISSIONS) - used == set()


def test_an_unsafe_route_names_an_action(shared_app):
    rights = shared_app.extensions["rights"]
    unsafe = {
        rule.endpoint: rights[rule.endpoint].name
        for rule in shared_app.url_map.iter_rules()
        if rule.methods - SAFE_METHODS
    }

    open_to_all = {endpoint for endpoint, name in unsafe.items() if name in {PUBLIC, SIGNED_IN}}
    assert open_to_all == {
        "people.open_session", "people.sign_out", "people.set_language", "people.set_theme", "notifications.read_all",
        "notifications.choose", "proposals.preview",
    }  # fmt: skip
    assert set(unsafe.values()) - {PUBLIC, SIGNED_IN} <= set(actions.actions)


def test_a_route_without_a_right_stops_the_start(shared_app):
    app = create_app(shared_app.extensions["settings"], RATELIMIT_ENABLED=False)
    bare = Routes("bare", __name__)
    bare.add_url_rule("/bare", "bare", lambda: "")
    app.register_blueprint(bare)
    with pytest.raises(RuntimeError, match=r"declare no right: bare\.bare"):
        collect_rights(app)

    odd = Routes("odd", __name__)
    odd.add_url_rule("/odd", "odd", lambda: "", right="no.such")
    app.blueprints.pop("bare")
    app.url_map = type(app.url_map)()
    app.register_blueprint(odd)
    with pytest.raises(RuntimeError, match=r"odd\.odd asks for no\.such"):
        collect_rights(app)


def test_every_state_has_its_words():
    missing = []
    for machine in states.machines.values():
        members = {state for sources, targets in machine.steps.values() for state in (*sources, *targets)}
        for enum in {type(state) for state in members}:
            missing += [f"{machine.name}.{state}" for state in enum if f"{machine.name}.{state}" not in WORDS]

    assert missing == []


def test_tables_are_singular_and_rows_of_the_chain_know_their_cause():
    tables = set(Model.metadata.tables)
    chain = {
        "proposal", "review", "decision", "venture", "credit_grant", "tranche", "lease", "sandbox", "disclosure",
        "matter", "award", "equity_grant",
    }  # fmt: skip

    assert chain <= tables
    assert {name for name in chain if "cause_id" not in Model.metadata.tables[name].c} == set()


def test_the_web_process_imports_no_solver_no_data_engine_and_no_client_of_a_provider():
    code = (
        "import secrets, sys;"
        "from cryptography.fernet import Fernet;"
        "from incubator import config;"
        "from incubator.app import create_app;"
        "from incubator.web import beforehand;"
        "known = dict(DATABASE_URL='postgresql://nobody@127.0.0.1:1/none', REDIS_URL='redis://127.0.0.1:1/0',"
        " INCUBATOR_SECRET_KEY=secrets.token_urlsafe(32), INCUBATOR_ENCRYPTION_KEY=Fernet.generate_key().decode());"
        "create_app(config.load(known));"
        "print(*{name.split('.')[0] for name in sys.modules});"
        "beforehand.load();"
        "print(*{name.split('.')[0] for name in sys.modules})"
    )
    out = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, check=True)
    any_process, web_process = (set(line.split()) for line in out.stdout.splitlines())

    assert HEAVY & any_process == set()
    assert HEAVY & web_process == {"openpyxl"}


def _functions(path: Path) -> list[tuple[str, int, bool]]:
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.append((f"{path}:{node.name}", (node.end_lineno or 0) - node.lineno + 1, node.returns is not None))
    return found


def test_files_and_functions_stay_small_and_typed():
    functions = [entry for path in SOURCES for entry in _functions(path)]

    assert [name for name, length, _ in functions if length > 50] == []
    assert [name for name, _, typed in functions if not typed] == []
    assert sum(length <= 20 for _, length, _ in functions) >= 0.9 * len(functions)
    assert [str(path) for path in SOURCES if path.read_text().count("\n") > 400] == []


def test_what_a_package_offers_is_no_module_of_the_same_name():
    """`from package.a import b` beside a module `package.b` is whichever was bound last."""
    for module in pkgutil.walk_packages(incubator.__path__, "incubator."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    hidden = [
        f"{path.parent}: {alias.name}"
        for path in SOURCES
        if path.name == "__init__.py"
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
        if f"{node.module}.{alias.name}" not in sys.modules
        and isinstance(getattr(sys.modules[".".join(path.parent.parts)], alias.asname or alias.name), ModuleType)
    ]
    assert hidden == []


def _run_at_import(node: ast.AST) -> Iterator[ast.Call]:
    """The calls that importing a file makes: those of its top level, of decorators and of defaults."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        kept = node.args.defaults + [one for one in node.args.kw_defaults if one is not None]
        parts: Iterable[ast.AST] = [*node.decorator_list, *kept]
    elif isinstance(node, ast.Lambda):
        parts = node.args.defaults
    else:
        parts = ast.iter_child_nodes(node)
    if isinstance(node, ast.Call):
        yield node
    for part in parts:
        yield from _run_at_import(part)


def test_no_test_asks_for_the_day_before_it_runs():
    """A run may last over midnight: what was today when the tests were collected is yesterday then."""
    asks = {"clock.today", "clock.now", "date.today", "dt.date.today", "datetime.now", "dt.datetime.now"}
    early = [
        f"{path}:{call.lineno}"
        for path in sorted(Path("tests").rglob("*.py"))
        for call in _run_at_import(ast.parse(path.read_text()))
        if ast.unparse(call.func) in asks
    ]
    assert early == []
