"""Reviewers say what they would like to review; the next assignment goes by it."""

from collections.abc import Mapping

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from incubator.calls.models import Call
from incubator.core import audit, clock
from incubator.core.actions import action
from incubator.core.db import db
from incubator.people.models import Person
from incubator.reviews import queries
from incubator.reviews.models import ReviewBid, Wish


@action("bid.save")
def save_bids(actor: Person, call: Call, *, wishes: Mapping[str, Wish | None]) -> int:
    """Keep a member's wishes on proposals of a call (by public id; None takes one back); answers how many changed.

    What the member may not be told of, or what is not to be given out any more, is passed over.
    """
    shown = {row.public_id: row for row in queries.bids_asked_of(actor, call)}
    changed = {key: wish for key, wish in wishes.items() if key in shown and shown[key].wish != wish}
    if not changed:
        return 0
    gone = [shown[key].proposal_id for key, wish in changed.items() if wish is None]
    db.session.execute(delete(ReviewBid).where(ReviewBid.person_id == actor.id, ReviewBid.proposal_id.in_(gone)))
    made = [
        {"proposal_id": shown[key].proposal_id, "person_id": actor.id, "wish": wish, "created_at": clock.now()}
        for key, wish in changed.items()
        if wish is not None
    ]
    if made:
        fresh = insert(ReviewBid).values(made)
        keep = {name: fresh.excluded[name] for name in ("wish", "created_at")}
        db.session.execute(fresh.on_conflict_do_update(index_elements=["proposal_id", "person_id"], set_=keep))
    audit.record("bid.save", call, {"wishes": {key: wish and wish.value for key, wish in sorted(changed.items())}})
    return len(changed)
