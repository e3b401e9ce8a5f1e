"""A theme's ranking as a workbook, with all that its page draws."""

from typing import Any

from flask_babel import gettext as _

from incubator.reviews.queries.explaining import score_text
from incubator.reviews.queries.ranking import Entry
from incubator.web import sheets
from incubator.web.words import local_words


def columns(theme: Any) -> list[sheets.Column]:
    """The columns under a theme (a row of themes_of), in the reader's language."""
    plain = {
        "place": _("Rank"), "number": _("Number"), "title": _("Proposal"), "company": _("Company"), "mean": _("Mean"),
        "calibrated": _("Calibrated"), "interval": _("90%% interval"), "ranks": _("Ranks, 90%%"),
        "spread": _("Spread"),
    }  # fmt: skip
    criteria = [sheets.Column(f"mean_{one['key']}", local_words(one["name"])) for one in theme.criteria]
    return [
        *(sheets.Column(key, words) for key, words in plain.items()),
        sheets.Column("chance", _("Chance of funding"), sheets.PERCENT),
        sheets.Column("sealed", _("Reviews counted"), sheets.INT),
        sheets.Column("missing", _("Reviews missing"), sheets.INT),
        sheets.Column("asked", _("Asks for"), sheets.MONEY, theme.currency),
        *criteria,
    ]


def row(entry: Entry, theme: Any) -> dict[str, Any]:
    """One proposal; scores in words, as 4.25."""
    found = entry.row
    low, high = (found.run_low, found.run_high) if found.run_low is not None else (found.low, found.high)
    ranks = found.outer or ([entry.best, entry.worst] if found.low is not None else None)
    return {
        "place": str(entry.place) if found.sealed else "", "number": found.number, "title": found.title,
        "company": local_words(found.company), "mean": score_text(found.total if found.sealed else None),
        "calibrated": score_text(found.shown), "spread": score_text(found.spread), "chance": found.funded,
        "interval": f"{score_text(low)}–{score_text(high)}" if low is not None else "",
        "ranks": f"{ranks[0]}–{ranks[1]}" if ranks else "",
        "sealed": found.sealed, "missing": entry.missing, "asked": found.asked,
        **{f"mean_{one['key']}": score_text(found.means.get(one["key"])) for one in theme.criteria},
    }  # fmt: skip
