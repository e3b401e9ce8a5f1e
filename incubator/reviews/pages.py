"""The rows of long tables as HTML: each is the kept text of its look around its values."""

from collections.abc import Iterable
from typing import Any, TypeAlias

from flask import get_template_attribute
from markupsafe import Markup, escape

from incubator.reviews.queries.ranking import Entry, Ranking
from incubator.web.charts import Scale
from incubator.web.formats import day, hundredths, money, percent
from incubator.web.language import Line, drawn_before, lines
from incubator.web.words import local_words

TEMPLATE = "reviews/_ranking.html"
Texts: TypeAlias = tuple[str, ...]
"""What is drawn of one proposal: its row in each of the page's tables."""
COMPACT = ("place", "public_id", "title", "number", "total", "low", "high", "spread", "sealed", "assigned", "asked")
DRAWN = (
    "place", "public_id", "title", "number", "total", "score", "low", "high", "sealed", "assigned", "asked", "best",
    "worst", "company", "mid", "start", "width", "chance",
)  # fmt: skip
MEANS = ("place", "title", "number", "spread")


QUEUED = ("public_id", "title", "number", "company", "call", "due", "total")


def queue_rows(rows: Iterable[Any], *, done: bool) -> Markup:
    """A reviewer's list."""
    return lines("review.queue", get_template_attribute("reviews/_queue.html", "row"), QUEUED, (
        ((row.state, row.lang, done, row.total is not None, row.scored), (
            row.public_id, escape(row.title), row.number, escape(local_words(row.company)),
            escape(local_words(row.call)), day(row.due_on), hundredths(row.total),
        ))
        for row in rows
    ))  # fmt: skip


def table(found: Ranking, theme: Any, calibrated: bool, *, everything: bool, decided: bool) -> dict[str, Any]:
    """The rows of a page of a theme's ranking (a row of themes_of). calibrated: a run has been done.

    Answers rows: in two parts, to the funding line and below it; has_line: whether the line stands between them; and
    means: the rows of the criteria, empty where everything stands on one page.
    """
    at = _line_at(found)
    parts = (found.entries[:at], found.entries[at:]) if at else ([], found.entries)
    if everything:
        rows = [[text for (text,) in drawn_before("ranking.compact", part, _itself, _compact_row)] for part in parts]
        return {"rows": [_joined(part) for part in rows], "has_line": bool(at)}
    keys = tuple(criterion["key"] for criterion in theme.criteria)
    look = (theme.low, theme.high), calibrated, decided, keys
    drawn = [drawn_before(("ranking", look), part, _content, lambda entry: _drawn_row(entry, *look)) for part in parts]
    means = _joined(text for part in drawn for _row, text in part)
    return {"rows": [_joined(row for row, _means in part) for part in drawn], "has_line": bool(at), "means": means}


def _joined(texts: Iterable[str]) -> Markup:
    return Markup("".join(texts))  # noqa: S704 - rendered templates


def _itself(entry: Entry) -> Any:
    """A compact row's columns are all plain values."""
    return tuple(entry.row), entry[1:]


def _content(entry: Entry) -> Any:
    """All that a drawn row shows, as plain values."""
    row = entry.row
    lists = tuple(row.ticks), tuple(row.means.items()), tuple(row.company.items()), tuple(row.outer or ())
    figures = row.outcome, row.put_to_vote, row.shown, row.run_low, row.run_high, row.funded, row.against
    return entry[1:], row[:13], lists, figures, row.has_page


def _compact_row(entry: Entry) -> Texts:
    return (_line("compact", COMPACT, _compact(entry)),)


def _drawn_row(entry: Entry, axis: tuple[int, int], calibrated: bool, decided: bool, keys: tuple[str, ...]) -> Texts:
    x = Scale(axis[0] * 100, axis[1] * 100, 2, 98)
    drawn = _line("drawn", DRAWN, _drawn(entry, x, axis, calibrated, decided))
    return drawn, _line("means", MEANS, _means(entry, keys))


def _line(macro: str, names: tuple[str, ...], row: Line) -> str:
    return lines(f"ranking.{macro}", get_template_attribute(TEMPLATE, macro), names, [row])


def _line_at(found: Ranking) -> int:
    """How many of the rows stand above the funding line; 0 where it is not among them."""
    line = found.figures.line
    if line is None or not found.sorting.is_ranking:
        return 0
    return next((n for n, entry in enumerate(found.entries, 1) if entry.row.id == line[1]), 0)


def _compact(entry: Entry) -> Line:
    row, place, is_shared, *_ranges = entry
    (
        _id, total, low, high, spread, sealed, assigned, asked, public_id, number, title, lang, currency,
        *_places, has_page,
    ) = row  # fmt: skip
    return (has_page, lang, is_shared, not sealed), (
        place, public_id, escape(title), number, hundredths(total), hundredths(low), hundredths(high),
        hundredths(spread), sealed, assigned, money(asked, currency, True),
    )  # fmt: skip


def _drawn(entry: Entry, x: Scale, axis: tuple[int, int], calibrated: bool, decided: bool) -> Line:
    row = entry.row
    shown, low, high, interval = _bar(row)
    is_open = row.low is not None and entry.best != entry.worst
    best, worst = row.outer or (entry.best, entry.worst)
    look = (
        row.has_page, row.lang, entry.is_shared, "drawn" if row.outer else "open" if is_open else None,
        row.against == "close", entry.is_split, entry.missing, row.put_to_vote is False, axis,
        len(row.ticks) if row.sealed else -1, interval, calibrated, row.shown is not None, row.funded is not None,
        decided, row.outcome,
    )  # fmt: skip
    start, end = max(low, axis[0] * 100), min(high, axis[1] * 100)
    return look, (
        entry.place, row.public_id, escape(row.title), row.number, hundredths(row.total), hundredths(row.shown),
        hundredths(low), hundredths(high), row.sealed, row.assigned, money(row.asked, row.currency, True), best, worst,
        escape(local_words(row.company)), x.pct(shown), x.pct(start), x.span(start, end, 0.4), percent(row.funded, 0),
        *map(x.pct, row.ticks),
    )  # fmt: skip


def _bar(row: Any) -> tuple[int, int, int, str | None]:
    """Where dot and bar stand (hundredths), and from what: the calibration, the proposal's own reviews, or neither."""
    if row.run_low is not None:
        return row.shown, row.run_low, row.run_high, "calibrated"
    if row.low is not None:
        return row.total, row.low, row.high, "mean"
    return row.total, row.total, row.total, None


def _means(entry: Entry, keys: tuple[str, ...]) -> Line:
    row = entry.row
    look = (row.lang, entry.is_shared, not row.sealed, len(keys))
    figures = (hundredths(row.means.get(key)) for key in keys)
    return look, (entry.place, escape(row.title), row.number, hundredths(row.spread), *figures)
