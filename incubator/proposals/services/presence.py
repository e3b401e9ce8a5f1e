"""Who is writing at which part of a draft right now: keys of Valkey that live for half a minute.

It helps people not to write over each other and proves nothing, so it is no event and stands in no table; what is saved
twice is caught by the version all the same (`TextMoved`). Without Valkey nobody is seen.
"""

import json
from dataclasses import dataclass
from typing import cast

from flask_babel import gettext as _
from redis.exceptions import RedisError

from incubator.core import clock, queue
from incubator.people.models import Person
from incubator.proposals import queries
from incubator.proposals.models import Proposal

SEEN_FOR = 30
"""Seconds after which somebody who was not heard of is taken to have left."""
ANSWER = "answer_"
"""What the name of a question's field begins with."""


@dataclass(frozen=True)
class Present:
    """A colleague with the page open. place: the question where they are writing, empty where they only read."""

    name: str
    place: str


def note_presence(person: Person, proposal: Proposal, *, field: str) -> list[Present]:
    """Note that a person has the draft open, at a field of its form; the others who have, by name."""
    key, now = f"presence:{proposal.id}", clock.now().timestamp()
    try:
        with queue.connection().pipeline() as steps:
            steps.hset(key, str(person.id), json.dumps([person.name, field, now]))
            steps.expire(key, SEEN_FOR)
            steps.hgetall(key)
            found = cast(dict[bytes, bytes], steps.execute()[-1])
    except RedisError:
        return []
    members = {member.person_id for member in proposal.team}
    heard = [json.loads(text) for who, text in found.items() if int(who) in members - {person.id}]
    places = _places(proposal)
    here = [Present(name, places.get(at, "")) for name, at, when in heard if now - when < SEEN_FOR]
    return sorted(here, key=lambda one: one.name)


def _places(proposal: Proposal) -> dict[str, str]:
    """The questions of the form by the names of their fields."""
    asked = {f"{ANSWER}{spec.key}": str(spec.label) for _title, specs in queries.fields_of(proposal) for spec in specs}
    return asked | {"title": _("Title"), "theme": _("Theme"), "asked": _("Cloud credits asked")}
