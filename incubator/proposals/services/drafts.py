"""Writing: a draft, and each save of its text."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from incubator.calls.models import Call, Theme
from incubator.calls.templates import FormTemplate
from incubator.core import audit, clock, keys
from incubator.core.actions import action
from incubator.core.db import db
from incubator.core.errors import Invalid, Stale, WrongState
from incubator.people.models import Person
from incubator.proposals import queries, words
from incubator.proposals.engines import answers as engine
from incubator.proposals.models import Clarification, Consent, Proposal, ProposalVersion, TeamMember
from incubator.proposals.services import moves
from incubator.proposals.states import ProposalState

FOLD = dt.timedelta(minutes=10)
WRITABLE = (ProposalState.DRAFT, ProposalState.RETURNED)


class TextMoved(Stale):
    """Somebody saved the text since this copy of it was read (409). current: what stands, a version or answers."""

    code = "text_moved"

    def __init__(self, message: object, current: ProposalVersion | Clarification) -> None:
        super().__init__(message)
        self.current = current


@action("proposal.create")
def create_draft(actor: Person, call: Call, *, lang: str) -> Proposal:
    """Open an empty draft for a call that takes proposals now; lang is what it will be written in."""
    if not call.is_open_at(clock.now()):
        raise WrongState(_("The call is closed: it takes no more proposals."))
    proposal = Proposal(number=keys.spoken("V"), call=call, company=actor.company, lead=actor, title="", lang=lang)
    audit.created(proposal, cause_id=audit.event_of(call, "call.publish").id, payload={"call": call.public_id})
    db.session.add(TeamMember(proposal=proposal, person=actor, share_bp=10_000, consent=Consent.ACCEPTED))
    db.session.add(
        ProposalVersion(proposal=proposal, number=1, author=actor, title="", answers={}, saved_at=clock.now())
    )
    db.session.flush()
    return proposal


@action("proposal.save")
def save(
    actor: Person,
    proposal: Proposal,
    *,
    title: str,
    answers: Mapping[str, Any],
    theme: Theme | None,
    asked: int | None,
    revision: int,
) -> ProposalVersion:
    """Keep a text, half-filled or whole; only limits are checked. asked: minor units.

    revision: of the text that was read. Raises TextMoved when somebody saved since. One person's saves within ten
    minutes fold into one version; no event is written.
    """
    moves.lock(proposal)
    moves.require_state(proposal, WRITABLE)
    newest = queries.newest(proposal)
    if newest.revision != revision:
        raise TextMoved(_("This text was saved elsewhere meanwhile."), newest)
    title = engine.clean(title) or ""
    cleaned = {key: value for key, given in answers.items() if (value := engine.clean(given)) is not None}
    _check(proposal, title, cleaned, theme, asked)
    before = (newest.title, newest.answers, proposal.theme_id, proposal.asked)
    if before == (title, cleaned, theme.id if theme else None, asked):
        return newest
    proposal.title, proposal.theme, proposal.asked = title, theme, asked
    return _write(actor, newest, title, cleaned)


def _check(proposal: Proposal, title: str, answers: Mapping[str, Any], theme: Theme | None, asked: int | None) -> None:
    for problem in engine.check(FormTemplate.of(proposal.call.form), title, answers):
        raise Invalid(words.fault(problem.fault, problem.limit), field=problem.key)
    if theme is not None and theme.id not in {entry.theme_id for entry in proposal.call.themes}:
        raise Invalid(_("This theme is not one of the call's."), field="theme")
    if asked is not None and not 0 < asked <= 10**15:
        raise Invalid(_("Enter an amount above zero."), field="asked")


def _write(actor: Person, newest: ProposalVersion, title: str, answers: dict[str, Any]) -> ProposalVersion:
    now = clock.now()
    if newest.frozen_at is None and newest.author_id == actor.id and now - newest.created_at < FOLD:
        version = newest
    else:
        version = ProposalVersion(proposal=newest.proposal, number=newest.number + 1, author=actor)
        db.session.add(version)
    version.title, version.answers, version.saved_at = title, answers, now
    version.revision = newest.revision + 1
    db.session.flush()
    return version


@action("proposal.restore")
def restore(actor: Person, proposal: Proposal, *, former: ProposalVersion) -> ProposalVersion:
    """Bring an earlier text back as a new version; what stood until now is kept like every other."""
    moves.lock(proposal)
    moves.require_state(proposal, WRITABLE)
    newest = queries.newest(proposal)
    if (newest.title, newest.answers) == (former.title, former.answers):
        raise Invalid(_("This is the text that stands."))
    version = ProposalVersion(
        proposal=proposal,
        number=newest.number + 1,
        revision=newest.revision + 1,
        author=actor,
        title=former.title,
        answers=former.answers,
        saved_at=clock.now(),
    )
    db.session.add(version)
    proposal.title = former.title
    db.session.flush()
    audit.record("proposal.restore", proposal, {"version": version.number, "former": former.number})
    return version
