"""The rows of long lists of proposals as HTML: each is the kept text of its look around its values."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask import get_template_attribute
from markupsafe import Markup, escape

from incubator.calls.templates import FormTemplate
from incubator.proposals import queries
from incubator.proposals.models import Proposal
from incubator.proposals.queries import dossier
from incubator.proposals.states import ProposalState
from incubator.web.formats import iso, money
from incubator.web.language import kept, language, lines
from incubator.web.words import local_words

TEMPLATE = "proposals/_rows.html"
MOST_TEXTS = 200
"""Texts kept of each language: so many proposals are read at a time."""


def board_rows(rows: Iterable[Any], forms: Mapping[int, FormTemplate], ticked: frozenset[str]) -> Markup:
    """The office's list (rows of queries.board); forms: of their calls, by id; ticked: public ids."""
    names = ("public_id", "title", "number", "company", "lead", "asked", "submitted")
    found = (
        ((row.state, row.confidentiality, _missing(row, forms), row.public_id in ticked), (
            row.public_id, escape(row.title), row.number, escape(local_words(row.company)), escape(row.lead),
            money(row.asked, row.currency, True), iso(row.submitted_at),
        ))
        for row in rows
    )  # fmt: skip
    return lines("proposal.board", get_template_attribute(TEMPLATE, "board"), names, found)


def _missing(row: Any, forms: Mapping[int, FormTemplate]) -> int | None:
    """How many answers are missing; None where it is no longer screened."""
    if row.state not in (ProposalState.SUBMITTED, ProposalState.SCREENING):
        return None
    return len(queries.lacking(forms[row.call_id], row.answered))


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
