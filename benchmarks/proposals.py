"""Proposals with their leads, teams, versions and events, as their services would have left them."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from benchmarks import words
from benchmarks.copying import Copier
from benchmarks.world import World
from incubator.calls.models import Call
from incubator.core import audit, clock, keys
from incubator.people.models import Access, Effect, Person
from incubator.proposals.engines import document
from incubator.proposals.models import Consent, Proposal, ProposalVersion, TeamMember
from incubator.proposals.states import ProposalState

LEAD_OF = 4
"""Proposals a lead on average."""
RARE_HITS = 50


@dataclass(frozen=True)
class Made:
    """A loaded proposal in review."""

    id: int
    number: int
    public_id: str
    asked: int
    opened_id: int
    at: dt.datetime


@dataclass(frozen=True)
class Volume:
    """How much there is: proposals in review, versions of each (the last is the one that was handed in), people who
    lead one or none, and of how many proposals one has been reviewed."""

    proposals: int
    versions: int = 2
    people: int = 0
    reviewed_of: int = 1

    @property
    def leads(self) -> int:
        """People whom the loader makes."""
        return self.people or self.proposals // LEAD_OF

    def is_reviewed(self, number: int) -> bool:
        """Whether the proposal of this number has its reviews; the last one has."""
        return number % self.reviewed_of == self.reviewed_of - 1


class Maker:
    """Makes proposals one after the other, each a minute later than the one before."""

    def __init__(self, copier: Copier, world: World, volume: Volume) -> None:
        self.copier = copier
        self.world = world
        self.size = volume.proposals
        self.versions = volume.versions
        self.dice = copier.random
        self.begun = clock.now() - dt.timedelta(days=60)
        self.causes = {call.id: audit.event_of(call, "call.publish").id for call in (world.call, world.coming)}
        self.people = [self._person(n) for n in range(max(8, volume.leads))]
        self.numbers: set[str] = set()

    def _person(self, number: int) -> tuple[int, str, int]:
        company, name = self.dice.choice(self.world.companies), words.name(self.dice)
        public_id = self.copier.public_id()
        key = self.copier.add(
            Person, public_id=public_id, hr_number=f"{200_000 + number}", name=name, name_latin=name.lower(),
            email=f"p{200_000 + number}@example.com", company_id=company.id, cost_center=f"L{number}",
        )  # fmt: skip
        return key, public_id, company.id

    def in_review(self, number: int) -> Made:
        """A proposal that the committee reads."""
        at = self.begun + dt.timedelta(seconds=number * 60 * 60 * 24 * 40 // max(self.size, 1))
        key, public_id, asked, submitted = self._proposal(number, self.world.call, ProposalState.IN_REVIEW, at)
        office, steps = self.world.office.id, at + dt.timedelta(hours=1)
        screened = self._event("screen", key, office, steps, submitted)
        opened = self._event("open_review", key, office, steps + dt.timedelta(hours=1), screened)
        self._let_read(self.world.chair.id, key, "committee", opened)
        return Made(key, number, public_id, asked, opened, steps + dt.timedelta(hours=1))

    def _let_read(self, person: int, key: int, source: str, cause: int) -> None:
        self.copier.add(
            Access, person_id=person, subject_type="proposal", subject_id=key, effect=Effect.ALLOW, source=source,
            cause_id=cause,
        )  # fmt: skip

    def handed_in(self, number: int) -> None:
        """A proposal of the next call that waits for the office."""
        at = clock.now() - dt.timedelta(minutes=number % 10_000)
        self._proposal(number, self.world.coming, ProposalState.SUBMITTED, at)

    def _proposal(self, number: int, call: Call, state: ProposalState, at: dt.datetime) -> tuple[int, str, int, int]:
        lead, _public, company = self.people[number % len(self.people)]
        lang = "zh" if number % 5 == 4 else "en"
        asked = self.dice.randrange(2_000, 10_000) * 100_00
        public_id, title = self.copier.public_id(), words.title(self.dice, lang)
        row = {
            "public_id": public_id, "number": self._spoken(), "call_id": call.id, "theme_id": self.world.theme.id,
            "company_id": company, "lead_id": lead, "title": title, "lang": lang, "state": state, "asked": asked,
            "state_at": at, "submitted_at": at, "created_at": at - dt.timedelta(days=3),
            "cause_id": self.causes[call.id],
        }  # fmt: skip
        key = self.copier.add(Proposal, **row)
        content = {
            "v": 1, "team": self._team(key, number, at), "number": row["number"], "call": call.public_id,
            "version": self.versions, "lang": lang, "title": title,
            "theme": self.world.theme.public_id, "asked": asked, "currency": "CNY",
            "answers": self._answers(number, lang),
        }  # fmt: skip
        self._versions(key, lead, content, at)
        return key, public_id, asked, self._submit(key, lead, call, content, at)

    def _spoken(self) -> str:
        while (spoken := "V-" + "".join(self.dice.choices(keys.SPOKEN, k=6))) in self.numbers:
            pass
        self.numbers.add(spoken)
        return spoken

    def _team(self, key: int, number: int, at: dt.datetime) -> list[dict[str, Any]]:
        """The lead and one colleague."""
        said = []
        for place, share in ((number, 6_000), (number + 1, 4_000)):
            person, public_id, _company = self.people[place % len(self.people)]
            self.copier.add(
                TeamMember, proposal_id=key, person_id=person, part="", share_bp=share, consent=Consent.ACCEPTED,
                asked_at=at, answered_at=at,
            )  # fmt: skip
            if place != number:
                self._let_read(person, key, "team", self.causes[self.world.call.id])
            said.append({"person": public_id, "part": "", "share_bp": share})
        return said

    def _answers(self, number: int, lang: str) -> dict[str, Any]:
        def text(sentences: int) -> str:
            return words.text(self.dice, lang, sentences)

        every = max(1, self.size // RARE_HITS)
        is_rare = number < self.size and number % every == 0 and number // every < RARE_HITS
        return {
            "summary": text(4) + (f" {words.RARE}" if is_rare else ""), "problem": text(6), "technology": text(10),
            "growth": text(8), "team": text(4), "fit": text(5), "cloud_use": text(3), "readiness": "lab",
            "months": 12, "revenue": 300_000_000, "customer": "Riverbend Rail",
        }  # fmt: skip

    def _versions(self, key: int, lead: int, content: dict[str, Any], at: dt.datetime) -> None:
        """The first version, and the one that was handed in; those between are copies of the first (EARLY)."""
        earlier = {name: value for name, value in content["answers"].items() if name in {"summary", "problem"}}
        shared = {"proposal_id": key, "author_id": lead, "title": content["title"]}
        first = {"answers": earlier, "saved_at": at - dt.timedelta(days=2), "frozen_at": None, "hash": None}
        self.copier.add(ProposalVersion, **shared, number=1, revision=4, content=None, **first)
        self.copier.add(
            ProposalVersion, **shared, number=self.versions, revision=9, answers=content["answers"], saved_at=at,
            frozen_at=at, hash=document.digest(content), content=content,
        )  # fmt: skip

    def _submit(self, key: int, lead: int, call: Call, content: dict[str, Any], at: dt.datetime) -> int:
        created = self._event("create", key, lead, at - dt.timedelta(days=3), self.causes[call.id])
        asked = self._event("ask_team", key, lead, at - dt.timedelta(hours=2), created)
        return self._event("submit", key, lead, at, asked, payload={"version": content["version"]})

    def _event(self, step: str, key: int, actor: int, at: dt.datetime, parent: int, **details: Any) -> int:
        name = f"proposal.{step}"
        return self.copier.event(name, Proposal, key, actor_id=actor, at=at, parent_id=parent, **details)
