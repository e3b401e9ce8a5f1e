"""JSON logs, one line an entry, with the request id; no personal data is ever given to them."""

import json
import logging
import re
from typing import Any

from incubator.core import audit

STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


DETAIL = re.compile(
    r"^DETAIL:.*?(?=^\[SQL: |^CONTEXT: |^The above exception |^During handling |\Z)", re.DOTALL | re.MULTILINE
)


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
        if record.exc_info:
            entry["error"] = without_rows(self.formatException(record.exc_info))
        return json.dumps(entry, ensure_ascii=False, default=str)


def without_rows(text: str) -> str:
    """A traceback without PostgreSQL's DETAIL, which quotes the row that was refused: names, texts, amounts."""
    return DETAIL.sub("DETAIL: left out\n", text)


def configure(level: str) -> None:
    """Send all logs of this process to stderr as JSON."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
