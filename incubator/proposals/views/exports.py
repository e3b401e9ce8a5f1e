"""Lists of proposals as files, in the viewer's rights.

A request, not a job: at most MOST rows of columns are one statement, and writing them takes about a second as XLSX.
"""

from collections.abc import Iterator
from typing import Any

from flask import abort
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from incubator.core import clock
from incubator.core.db import db
from incubator.people.session import me
from incubator.proposals import queries
from incubator.proposals.models import Confidentiality, Proposal
from incubator.proposals.queries.hits import all_hits
from incubator.proposals.views.lists import sought, wanted
from incubator.proposals.views.routes import bp
from incubator.web import sheets
from incubator.web.routes import SIGNED_IN
from incubator.web.sheets import Column
from incubator.web.words import local_words, word

MOST = 5_000
"""Rows of one file, the newest first."""
BOARD = [
    Column("number", _l("Number")),
    Column("title", _l("Title")),
    Column("state", _l("State")),
    Column("company", _l("Company")),
    Column("lead", _l("Proposer")),
    Column("asked", _l("Credits asked"), sheets.MONEY),
    Column("currency", _l("Currency")),
    Column("confidentiality", _l("Confidentiality class")),
    Column("submitted_at", _l("Handed in"), sheets.MOMENT),
]
MINE = [
    Column("number", _l("Number")),
    Column("title", _l("Title")),
    Column("state", _l("State")),
    Column("call", _l("Call")),
    Column("closes_at", _l("Closes"), sheets.MOMENT),
    Column("saved_at", _l("Saved"), sheets.MOMENT),
]

HITS = [
    Column("number", _l("Number")),
    Column("title", _l("Title")),
    Column("state", _l("State")),
    Column("company", _l("Company")),
    Column("lead", _l("Proposer")),
    Column("confidentiality", _l("Confidentiality class")),
    Column("state_at", _l("State since"), sheets.MOMENT),
]


@bp.get("/screening/export.<kind>", right="proposal.board")
def export_board(kind: str) -> ResponseReturnValue:
    """What was handed in to my office, narrowed as the list is; of a core secret without its title."""
    rows = queries.board(me(), wanted())
    return _file(kind, _("Screening"), BOARD, rows.order_by(Proposal.submitted_at.desc(), Proposal.public_id))


@bp.get("/proposals/export.<kind>", right=SIGNED_IN)
def export_mine(kind: str) -> ResponseReturnValue:
    """My proposals, narrowed as the list is."""
    rows = queries.mine(me(), wanted()).order_by(Proposal.created_at.desc(), Proposal.public_id)
    return _file(kind, _("My proposals"), MINE, rows)


@bp.get("/search/export.<kind>", right=SIGNED_IN)
def export_hits(kind: str) -> ResponseReturnValue:
    """What is found, the newest first; who proposes is left out where the reader is not told."""
    text, narrow = sought(), wanted()
    if not text and not narrow.given:
        return abort(404)
    if queries.is_number(text):
        rows = all_hits(me(), narrow, has_words=False).where(Proposal.number == text.upper())
    else:
        rows = all_hits(me(), narrow, has_words=bool(text))
    return _file(kind, _("Search"), HITS, rows, asked=queries.search_words(text))


def _file(kind: str, title: str, columns: list[Column], rows: queries.Rows, **values: str) -> ResponseReturnValue:
    plain = _in_words(db.session.execute(rows.limit(MOST), values).mappings())
    name = f"{title} {clock.today().isoformat()}.{kind}"
    if kind == "csv":
        return sheets.download(sheets.csv(columns, plain), name)
    if kind == "xlsx":
        return sheets.download(sheets.xlsx(title, columns, plain), name)
    return abort(404)


def _in_words(rows: Any) -> Iterator[dict[str, Any]]:
    for row in rows:
        words = {"state": word("proposal", row["state"])}
        words |= {key: local_words(row[key]) for key in ("company", "call") if row.get(key) is not None}
        if "confidentiality" in row:
            words["confidentiality"] = word("confidentiality", row["confidentiality"])
            if row["confidentiality"] is Confidentiality.CORE:
                words["title"] = ""
        yield dict(row) | words
