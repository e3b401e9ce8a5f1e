"""The office's anonymised text of a proposal, which alone reviewers read where the proposer is hidden from them."""

from collections.abc import Mapping

from flask_babel import gettext as _

from incubator.calls.templates import Kind
from incubator.core import audit, clock
from incubator.core.actions import action
from incubator.core.db import db
from incubator.core.errors import Invalid, WrongState
from incubator.people.models import Person
from incubator.proposals import queries as proposals
from incubator.proposals.models import Proposal
from incubator.reviews import queries
from incubator.reviews.models import AnonymisedText

TEXTS = (Kind.SHORT, Kind.LONG)


@action("anonymised_text.write")
def anonymise(actor: Person, proposal: Proposal, *, title: str, answers: Mapping[str, str]) -> AnonymisedText:
    """Keep the anonymised text of what was handed in: a title, and texts by field key; an empty one is empty to
    reviewers. Answers that are no text (numbers, choices) are taken over. Raises WrongState once it is approved."""
    version = proposal.submitted_version
    if version is None or not queries.is_blind(proposal):
        raise WrongState(_("Only a proposal that was handed in to a call with hidden proposers is anonymised."))
    if not title.strip():
        raise Invalid(_("Give it a title that does not tell who proposes."), field="title")
    text = queries.anonymised(proposal)
    if text is not None and text.approved_at is not None:
        raise WrongState(_("The anonymised text is approved: it stands as it is."))
    specs = [spec for _title, found in proposals.fields_of(proposal) for spec in found]
    plain = {spec.key: version.answers.get(spec.key) for spec in specs if spec.kind not in TEXTS}
    kept = plain | {key: value.strip() for key, value in answers.items()}
    if text is None:
        text = AnonymisedText(version_id=version.id, title="", answers={}, written_by_id=actor.id)
        db.session.add(text)
    text.title, text.answers, text.written_by_id = title.strip(), kept, actor.id
    db.session.flush()
    audit.record("anonymised_text.write", proposal)
    return text


@action("anonymised_text.approve")
def approve_text(actor: Person, proposal: Proposal) -> None:
    """Approve the anonymised text: from now on it stands, and the proposal can go to its committee."""
    text = queries.anonymised(proposal)
    if text is None or text.approved_at is not None:
        raise WrongState(_("There is no anonymised text that waits for approval."))
    text.approved_by_id, text.approved_at = actor.id, clock.now()
    audit.record("anonymised_text.approve", proposal, {"title": text.title})
