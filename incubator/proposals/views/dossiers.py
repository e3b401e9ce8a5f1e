"""A proposal as a whole, to print or to take away as a PDF, in the reader's rights.

A request, not a job: typesetting takes about a third of a second, and who asks waits for it.
"""

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
from incubator.proposals.models import Confidentiality, Proposal
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
    return sheets.download(letters.pdf("letter", _typeset(proposal, whole=whole), language), f"{proposal.number}.pdf")


def _typeset(proposal: Proposal, *, whole: bool) -> letters.Letter:
    version, named = queries.text_for(me(), proposal), queries.shows_authors(me(), proposal)
    body: list[str | letters.Table] = [_table(_facts(proposal, named))]
    if named:
        shares = [(one.person.name, f"{percent(one.share_bp, 2)} {one.part}".strip()) for one in proposal.team]
        body += [_("Team"), _table(shares)]
    for part in queries.dossier(proposal, version, whole=whole):
        body += _of_part(part)
    if exchanges := queries.exchanges(proposal):
        body.append(_("Questions and answers"))
        body += [f"{one.question}\n{one.answer or '–'}" for one in exchanges]
    mark = word("confidentiality", proposal.confidentiality)
    return {
        "group": local_words(group_of(proposal.company).name),
        "number": proposal.number,
        "date": clock.today(),
        "title": version.title or proposal.number,
        "body": body,
        "closing": [_("Made for %(name)s, with what %(name)s may see.", name=me().name)],
        "mark": "" if proposal.confidentiality is Confidentiality.INTERNAL else mark,
    }


def _table(rows: list[tuple[str, str]]) -> letters.Table:
    return {"head": [_("Item"), _("Value")], "rows": [list(row) for row in rows]}


def _of_part(part: Part) -> list[str | letters.Table]:
    found: list[str | letters.Table] = [part.title]
    for entry in part.entries:
        if entry.kind == "table" and entry.table:
            found += [entry.label, {"head": list(entry.table[0]), "rows": [list(row) for row in entry.table[1:]]}]
        else:
            found.append(f"{entry.label}\n{_plain(entry)}")
    return found


def _plain(entry: Entry) -> str:
    if entry.value is None:
        return str(_("Not answered"))
    if entry.kind == "file":
        return entry.detail
    if entry.kind == "money":
        return str(money(int(entry.value)))
    return f"{number(int(entry.value))} {entry.detail}".strip() if entry.kind == "number" else str(entry.value)
