"""A proposal as a whole, to print or to take away as a PDF, in the reader's rights.

A request, not a job: typesetting takes about a third of a second, and who asks waits for it.
"""

from collections.abc import Sequence
from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _

from incubator.core import clock
from incubator.core.actions import can
from incubator.core.errors import NotFound
from incubator.files import letters
from incubator.people.queries import group_of
from incubator.people.session import me
from incubator.proposals import queries, words
from incubator.proposals.engines.blocks import Block, blocks, plain
from incubator.proposals.models import Appeal, Confidentiality, Proposal
from incubator.proposals.queries import Entry, Part
from incubator.proposals.views.routes import bp
from incubator.web import sheets
from incubator.web.formats import iso, money, number, percent
from incubator.web.routes import SIGNED_IN
from incubator.web.views import load
from incubator.web.words import local_words, word


def _load(public_id: str) -> tuple[Proposal, bool]:
    """The proposal, and whether this reader reads all of it. Raises NotFound for a core secret that is not theirs to
    take out: its authors and its office do."""
    proposal = load(queries.for_page(me()), public_id)
    whole = queries.share_of(me(), proposal) is not None or can(me(), "call.manage", proposal)
    if proposal.confidentiality is Confidentiality.CORE and not whole:
        raise NotFound(_("There is no such page, or it is not for you to see."))
    return proposal, whole


@bp.get("/proposals/<public_id>/dossier", right=SIGNED_IN)
def dossier(public_id: str) -> ResponseReturnValue:
    """All of it on one page, for paper."""
    proposal, whole = _load(public_id)
    version, named = queries.text_for(me(), proposal), queries.shows_authors(me(), proposal)
    page = {
        "facts": _facts(proposal, named),
        "sections": queries.dossier(proposal, version, whole=whole),
        "exchanges": queries.exchanges(proposal),
        "background": queries.background(proposal) if named else [],
        "appeal": _appeal(proposal),
        "history": queries.history(proposal, anonymous=not named),
        "steps": words.STEPS,
        "named": named,
    }
    return render_template("proposals/dossier.html", proposal=proposal, version=version, **page)


def _facts(proposal: Proposal, named: bool) -> list[tuple[str, str]]:
    version = proposal.submitted_version
    found = [
        (_("Number"), proposal.number),
        (_("State"), word("proposal", proposal.state)),
        (_("Call"), local_words(proposal.call.title)),
        (_("Company"), local_words(proposal.company.name)),
        (_("Theme"), local_words(proposal.theme.name) if proposal.theme else "–"),
        (_("Cloud credits asked"), money(proposal.asked, proposal.currency, True) if proposal.asked else "–"),
        (_("Confidentiality class"), word("confidentiality", proposal.confidentiality)),
        (_("Proposer"), proposal.lead.name if named else _("Shown after the decision")),
    ]
    if proposal.submitted_at and version is not None and version.hash is not None:
        found += [(_("Handed in"), iso(proposal.submitted_at)), ("SHA-256", version.hash.hex())]
    return found


@bp.get("/proposals/<public_id>/dossier.pdf", right=SIGNED_IN)
def dossier_pdf(public_id: str) -> ResponseReturnValue:
    """The same, typeset, with its fonts."""
    proposal, whole = _load(public_id)
    language = "zh" if str(get_locale()).startswith("zh") else "en"
    data = letters.pdf("dossier", _typeset(proposal, whole=whole), language)
    return sheets.download(data, f"{proposal.number}.pdf")


def _typeset(proposal: Proposal, *, whole: bool) -> letters.Dossier:
    version, named = queries.text_for(me(), proposal), queries.shows_authors(me(), proposal)
    mark = word("confidentiality", proposal.confidentiality)
    texts = [_part(part) for part in queries.dossier(proposal, version, whole=whole)]
    asked = [*_of_talks(proposal), _of_appeal(proposal)]
    parts = [*(_of_authors(proposal) if named else []), *texts, *asked, _history(proposal, named)]
    return {
        "group": local_words(group_of(proposal.company).name),
        "number": proposal.number,
        "date": clock.today(),
        "title": version.title or proposal.number,
        "written": proposal.lang,
        "facts": [(name, *_hash_in_two(value)) for name, value in _facts(proposal, named)],
        "parts": [part for part in parts if part["entries"]],
        "closing": [_("Made for %(name)s, with what %(name)s may see.", name=me().name)],
        "mark": "" if proposal.confidentiality is Confidentiality.INTERNAL else mark,
    }


def _hash_in_two(value: str) -> tuple[str]:
    """A hash is too long for its column."""
    return (f"{value[:32]}\n{value[32:]}" if len(value) == 64 and " " not in value else value,)


def _entry(label: str, found: list[Block]) -> dict[str, Any]:
    return {"label": label, "blocks": found}


def _table(*rows: Sequence[str]) -> list[Block]:
    return [{"kind": "table", "rows": [list(row) for row in rows]}]


def _of_authors(proposal: Proposal) -> list[dict[str, Any]]:
    """The team, and what its companies bring along."""
    shares = [(one.person.name, percent(one.share_bp, 2), one.part) for one in proposal.team]
    brought = [(local_words(one.company.name), one.what, one.terms) for one in queries.background(proposal)]
    head = (_("Company"), _("What it brings along"), _("On which terms"))
    return [
        {"title": _("Team"), "entries": [_entry("", _table((_("Name"), _("Share"), _("Part in the work")), *shares))]},
        {"title": _("Background IP"), "entries": [_entry("", _table(head, *brought))] if brought else []},
    ]


def _of_talks(proposal: Proposal) -> list[dict[str, Any]]:
    asked = [_entry(one.question, blocks(one.answer or "–")) for one in queries.exchanges(proposal)]
    return [{"title": _("Questions and answers"), "entries": asked}]


def _appeal(proposal: Proposal) -> Appeal | None:
    """Its appeal, for its authors and those who may answer one."""
    if queries.share_of(me(), proposal) is None and not can(me(), "review.assign", proposal):
        return None
    return queries.appeal_of(proposal)


def _of_appeal(proposal: Proposal) -> dict[str, Any]:
    made = _appeal(proposal)
    said = [(_("The appeal"), made.reason), (_("The answer"), made.answer)] if made else []
    return {"title": _("Appeal"), "entries": [_entry(label, blocks(text)) for label, text in said if text]}


def _history(proposal: Proposal, named: bool) -> dict[str, Any]:
    steps = queries.history(proposal, anonymous=not named)
    rows = [(iso(one.at), str(words.STEPS[one.name]), _who(one.actor, one.reason)) for one in steps]
    return {"title": _("Where it stands"), "entries": [_entry("", _table((_("Date"), _("Step"), _("Who")), *rows))]}


def _who(actor: str | None, reason: str | None) -> str:
    return ": ".join(filter(None, (actor or _("By the system"), reason)))


def _part(part: Part) -> dict[str, Any]:
    return {"title": part.title, "entries": [_entry(entry.label, _blocks(entry)) for entry in part.entries]}


def _blocks(entry: Entry) -> list[Block]:
    if entry.kind == "table" and entry.table:
        return _table(*entry.table)
    return blocks(str(entry.value)) if entry.kind == "long" and entry.value else plain(_plain(entry))


def _plain(entry: Entry) -> str:
    if entry.value is None:
        return str(_("Not answered"))
    if entry.kind == "file":
        return entry.detail
    if entry.kind == "money":
        return str(money(int(entry.value)))
    return f"{number(int(entry.value))} {entry.detail}".strip() if entry.kind == "number" else str(entry.value)
