"""The rows of long lists of proposals as HTML: each is the kept text of its look around its values."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlencode

from flask import get_template_attribute
from markupsafe import Markup, escape

from incubator.proposals import queries, words
from incubator.proposals.engines.outlook import Coming
from incubator.proposals.forms.lists import ViewForm, filter_form
from incubator.proposals.models import Proposal
from incubator.proposals.queries import Choices, Filter, Happened, dossier
from incubator.proposals.states import ProposalState
from incubator.web.browser import csrf_token
from incubator.web.formats import iso, money, this_year
from incubator.web.language import drawn_before, kept, language, lines
from incubator.web.words import local_words

TEMPLATE = "proposals/_rows.html"
SCREENED = (ProposalState.SUBMITTED, ProposalState.SCREENING)
MOST_TEXTS = 200
"""Texts kept of each language: so many proposals are read at a time."""


def filters(
    at: str, wanted: Filter, choices: Choices, states: tuple[ProposalState, ...] = tuple(ProposalState), *,
    but: tuple[str, ...] = (), words: str | None = None,
) -> Markup:  # fmt: skip
    """What narrows the list at an address, drawn once for the same choices; but: fields it does not have; words: what
    is sought, None where the list has no words."""
    clear = f"{at}?{urlencode({'q': words})}" if words else f"{at}?view=all"
    look = (wanted, choices, states, but), (at, bool(wanted.given), words is not None)
    return lines("proposal.filters", _filters, ("words", "clear"), [(look, (escape(words or ""), escape(clear)))], 50)


def _filters(what: tuple[Any, ...], looks: tuple[Any, ...], **values: str) -> str:
    wanted, choices, states, but = what
    form, draw = filter_form(wanted, choices, states), get_template_attribute("proposals/_lists.html", "filters")
    for name in but:
        del form[name]
    return str(draw(form, *looks, **values))


class KeptView(NamedTuple):
    """A view that a reader keeps of a list."""

    public_id: str
    name: str
    query: str
    is_default: bool


class Views(NamedTuple):
    """The views of a list that its reader keeps, the one that is shown, how the list is narrowed (the query of its
    address), and the form that keeps another."""

    saved: tuple[KeptView, ...]
    current: KeptView | None
    query: str
    form: ViewForm


def views(at: str, shown: Views) -> Markup:
    """The views of a list at an address; drawn once for the same ones, however it is narrowed."""
    if shown.form.errors:
        return Markup(_drawn_views(at, shown))  # noqa: S704 - a rendered template
    look = (at, shown.saved, shown.current, bool(shown.query))
    values = (csrf_token(), escape(shown.query))
    return lines("proposal.views", _views, ("token", "query"), [(look, values)], 50)


def _views(
    at: str, saved: tuple[KeptView, ...], current: KeptView | None, is_narrowed: bool, *, token: str, query: str
) -> str:
    """token, query: what stands for the reader's own in the forms, and for how the list is narrowed."""
    shown = Views(saved, current, query if is_narrowed else "", ViewForm(formdata=None))
    return _drawn_views(at, shown).replace(csrf_token(), token)


def _drawn_views(at: str, shown: Views) -> str:
    return str(get_template_attribute("proposals/_lists.html", "views")(shown, at))


def board_rows(rows: Sequence[Any]) -> Markup:
    """The office's list (rows of queries.board)."""
    lacking = queries.lacking_in((row.call_id, row.submitted_version_id) for row in rows if row.state in SCREENED)

    def shown(row: Any) -> Any:
        """All that a drawn row shows, as plain values."""
        missing = lacking.get((row.call_id, row.submitted_version_id))
        return *row[:3], local_words(row.company), *row[4:8], row.submitted_at, row.public_id, missing

    found = drawn_before("proposal.board", rows, shown, lambda row: (_board_row(row, shown(row)[-1]),))
    return Markup("".join(text for (text,) in found))  # noqa: S704 - rendered templates


def _board_row(row: Any, missing: int | None) -> str:
    names = ("public_id", "title", "number", "company", "lead", "asked", "submitted")
    values = (
        row.public_id, escape(row.title), row.number, escape(local_words(row.company)), escape(row.lead),
        money(row.asked, row.currency, True), iso(row.submitted_at),
    )  # fmt: skip
    look = row.state, row.confidentiality, missing
    return lines("proposal.board", get_template_attribute(TEMPLATE, "board"), names, [(look, values)])


def timeline(history: Sequence[Happened], coming: Sequence[Coming], *, is_waited_for: bool) -> Markup:
    """What has happened to a proposal and what is to come, a line each. is_waited_for: the reader has the next step."""
    looks = ["warn" if is_waited_for else "now", *["todo"] * len(coming)]
    draw, draw_next = (get_template_attribute(TEMPLATE, name) for name in ("happened", "to_come"))
    year = this_year()  # days of another year are written with it
    done = drawn_before(("happened", year), history, _plain, lambda step: (draw(step, words.STEPS),))
    ahead = drawn_before(
        ("to_come", year), list(zip(coming, looks, strict=False)), lambda one: (one[0].key, one[0].by, one[1]),
        lambda one: (draw_next(*one, words.COMING),),
    )  # fmt: skip
    return Markup("".join(text for (text,) in [*done, *ahead]))  # noqa: S704 - rendered templates


def _plain(step: Happened) -> Any:
    return step.name, step.at, step.actor, step.reason


def hit_rows(rows: Iterable[Any]) -> Markup:
    """What was found (rows of queries.search)."""
    names = ("public_id", "title", "number", "lead")
    found = (
        ((row.state, row.lead is not None), (
            row.public_id, escape(row.title or row.number), row.number, escape(row.lead or ""),
        ))
        for row in rows
    )  # fmt: skip
    return lines("proposal.hit", get_template_attribute(TEMPLATE, "hit"), names, found)


def handed_in_text(proposal: Proposal) -> Markup:
    """The text that was handed in with its attachments, as its readers are shown it, in the reader's language. It never
    changes, and several people read it: kept as it was rendered."""
    texts: dict[Any, Markup] = kept(("handed_in", language()), dict)
    key = proposal.submitted_version_id, proposal.version
    found = texts.get(key)
    if found is None:
        if len(texts) >= MOST_TEXTS:
            texts.clear()
        version = proposal.submitted_version
        show = get_template_attribute("proposals/_dossier.html", "show")
        found = texts[key] = show(dossier(proposal, version) if version else [])
    return found
