import json
import logging
import sys

from incubator.core import audit, log


def test_a_line_is_json_with_extra_fields_and_the_request_id():
    token = audit.request_id.set("abc")
    try:
        record = logging.LogRecord("incubator.x", logging.INFO, __file__, 1, "saved %s", ("it",), None)
        record.action = "proposal.save"
        entry = json.loads(log.JsonFormatter().format(record))
    finally:
        audit.request_id.reset(token)

    assert entry.pop("at")
    assert entry == {
        "level": "INFO", "logger": "incubator.x", "message": "saved it", "request_id": "abc", "action": "proposal.save",
    }  # fmt: skip


def test_an_exception_stands_in_the_line():
    try:
        1 / 0  # noqa: B018
    except ZeroDivisionError:
        record = logging.LogRecord("x", logging.ERROR, __file__, 1, "broke", (), sys.exc_info())

    assert "ZeroDivisionError" in json.loads(log.JsonFormatter().format(record))["error"]
