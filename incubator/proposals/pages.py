"""The rows of long lists of proposals as HTML: each is the kept text of its look around its values."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask import get_template_attribute
from markupsafe import Markup, escape

from incubator.calls.templates import FormTemplate
from incubator.proposals import queries
from incubator.proposals.states import ProposalState
from incubator.web.formats import iso, money
from incubator.web.language import lines
from incubator.web.words import local_words

TEMPLATE = "proposals/_rows.html"


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
