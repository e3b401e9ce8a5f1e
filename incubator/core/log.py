"""JSON logs, one line an entry, with the request id; no personal data is ever given to them."""

import json
import logging
import re
import traceback
from collections.abc import Iterator
from typing import Any

import psycopg
import pydantic
from sqlalchemy.exc import StatementError

from incubator.core import audit
from incubator.core.errors import DomainError

STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
LINKS = (
    "\nThe above exception was the direct cause of the following exception:\n\n",
    "\nDuring handling of the above exception, another exception occurred:\n\n",
)
FUNCTION = re.compile(r"^PL/pgSQL function (\w+)", re.MULTILINE)
LONGEST = 2_000
"""Characters of a statement that a line keeps."""


class JsonFormatter(logging.Formatter):
    """Formats a record and its extra fields as one JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        """One line of JSON; an exception stands in the field `error`."""
        entry: dict[str, Any] = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request_id := audit.request_id.get():
            entry["request_id"] = request_id
        entry |= {key: value for key, value in vars(record).items() if key not in STANDARD}
        if record.exc_info and record.exc_info[1] is not None:
            entry["error"] = told(record.exc_info[1])
        return json.dumps(entry, ensure_ascii=False, default=str)


def told(error: BaseException) -> str:
    """The traceback of an error and of those before it, each in the words of `named`."""
    parts: list[str] = []
    for one, link in _chain(error):
        frames = "".join(traceback.format_tb(one.__traceback__))
        parts.append(f"Traceback (most recent call last):\n{frames}{named(one)}\n{link}")
    return "".join(reversed(parts))


def _chain(error: BaseException | None) -> Iterator[tuple[BaseException, str]]:
    """The error and what led to it, the latest first, each with the words that lead on from it."""
    link, seen = "", set[int]()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error, link
        before = None if error.__suppress_context__ else error.__context__
        error, link = (before, LINKS[1]) if error.__cause__ is None else (error.__cause__, LINKS[0])


def named(error: BaseException) -> str:
    """An error's class and message; in place of the message of a refusal, ours or the database's, what is no value:
    it quotes what somebody typed ('invalid input syntax for type date: "…"'), names, amounts, whole rows."""
    if isinstance(error, DomainError):
        return f"{_class(error)}: {', '.join(filter(None, (error.code, error.field)))}"
    if isinstance(error, StatementError):
        words = f" {_facts(error.orig)}" if isinstance(error.orig, psycopg.Error) else ""
        of = f"({_class(error.orig)}){words}" if error.orig else ""
        return f"{_class(error)}: {of}\n[SQL: {(error.statement or '')[:LONGEST]}]"
    if isinstance(error, psycopg.Error):
        return f"{_class(error)}: {_facts(error)}"
    if isinstance(error, pydantic.ValidationError):
        faults = error.errors(include_url=False, include_input=False, include_context=False)
        return f"{_class(error)}: {[(fault['loc'], fault['type']) for fault in faults]}"
    return "".join(traceback.format_exception_only(error)).rstrip("\n")


def _class(error: BaseException) -> str:
    return f"{type(error).__module__}.{type(error).__qualname__}"


def _facts(error: psycopg.Error) -> str:
    """SQLSTATE, and the names of what refused; where the server could not be reached, the driver's own words."""
    if error.sqlstate is None:
        return str(error) if isinstance(error, psycopg.OperationalError) else "refused by the driver"
    names = {name: getattr(error.diag, f"{name}_name") for name in ("table", "column", "constraint", "datatype")}
    function = FUNCTION.search(error.diag.context or "")
    facts = names | {"function": function and function[1]}
    return ", ".join([f"SQLSTATE {error.sqlstate}", *(f"{name} {value}" for name, value in facts.items() if value)])


def configure(level: str) -> None:
    """Send all logs of this process to stderr as JSON."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
