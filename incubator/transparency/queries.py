"""The auditor's cases, and the walk from a share back to the idea.

The walk follows what the database says: a row's cause_id to an event, the event's subject to the next row. Nothing is
assumed: what does not hold together is shown as a finding where it was found.
"""

import datetime as dt
import hmac
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Integer, Select, and_, cast, func, literal, literal_column, or_, select, tuple_, union_all
from sqlalchemy.orm import aliased, joinedload

from incubator.core import audit, clock
from incubator.core.audit import DENIED, AuditEvent, AuditPayload, AuditPending
from incubator.core.db import db
from incubator.equity.models import EquityGrant
from incubator.equity.states import GrantState
from incubator.people.access import within
from incubator.people.models import Access, Company, Effect, Person, Role
from incubator.people.reader import for_reader
from incubator.people.services import SIGN_IN_REFUSED
from incubator.rules.models import RuleVersion
from incubator.transparency.kinds import BRANCHES, KINDS, ROOT
from incubator.transparency.models import CaseGrant

Key = tuple[str, int]
DEPTH = 30
MOST = 300
"""Rows of a walk and steps of a path; a chain has about seven links and a few dozen rows at its sides."""


def visible_to(person: Person) -> Select[CaseGrant]:
    """An auditor's own cases."""
    return select(CaseGrant).where(CaseGrant.auditor_id == person.id).options(joinedload(CaseGrant.company))


def cases_of(person: Person) -> Sequence[CaseGrant]:
    """An auditor's cases, newest first."""
    return db.session.scalars(visible_to(person).order_by(CaseGrant.id.desc()).limit(50)).all()


@for_reader
def refusals(person: Person) -> Select[*tuple[Any, ...]]:
    """Who was denied what, and who tried to sign in in vain, in an auditor's companies: name of the event, the person
    (None where the name was nobody's), payload, time, public id. Which row it was stands in the payload, for a case."""
    of = aliased(Person)
    is_of = and_(AuditEvent.subject_type == Person.__tablename__, AuditEvent.subject_id == of.id)
    names: list[Any] = [literal_column(f"'{name}'") for name in (DENIED, SIGN_IN_REFUSED)]  # as the index says
    return (
        select(AuditEvent.name, of.name.label("person"), AuditPayload.payload, AuditEvent.at, AuditEvent.public_id)
        .outerjoin(of, is_of)
        .join(Company, Company.id == func.coalesce(of.company_id, AuditEvent.subject_id))
        .outerjoin(AuditPayload, AuditPayload.event_id == AuditEvent.id)
        .where(AuditEvent.name.in_(names), within(Company.id, person, Role.AUDITOR))
    )


def grant_by_number(person: Person, number: str) -> EquityGrant | None:
    """The grant of a number within an auditor's scope; a draft is not there yet."""
    return db.session.scalars(
        select(EquityGrant)
        .where(
            EquityGrant.number == number.strip().upper(),
            EquityGrant.state != GrantState.DRAFT,
            within(EquityGrant.company_id, person, Role.AUDITOR),
        )
        .options(joinedload(EquityGrant.plan), joinedload(EquityGrant.company))
    ).one_or_none()


@dataclass(frozen=True)
class Event:
    """One event of a row; proof: 'holds', 'erased' (payload deleted lawfully) or 'broken'."""

    id: int
    public_id: str
    name: str
    at: dt.datetime
    actor: str | None
    before: str | None
    after: str | None
    reason: str | None
    rule: str | None
    parent_id: int | None
    proof: str
    payload: dict[str, Any] = field(repr=False)


@dataclass(frozen=True)
class Step:
    """One row of the chain: what it is, what happened to it, and what does not hold together (codes of words.py)."""

    kind: str
    id: int
    state: str | None
    number: str | None
    title: str | None
    rule: str | None
    address: str | None
    events: tuple[Event, ...]
    findings: tuple[str, ...]

    @property
    def is_sound(self) -> bool:
        """Nothing was found, and every event's proof holds."""
        return not self.findings and all(event.proof != "broken" for event in self.events)


@dataclass(frozen=True)
class Walk:
    """The chain from a share to its call, and what hangs on it; whole when it reaches a call unbroken."""

    line: tuple[Step, ...]
    sides: tuple[Step, ...]
    whole: bool

    @property
    def events(self) -> int:
        """How many events were checked."""
        return sum(len(step.events) for step in (*self.line, *self.sides))

    @property
    def is_sound(self) -> bool:
        """Whole, and nothing found in any row."""
        return self.whole and all(step.is_sound for step in (*self.line, *self.sides))


@dataclass(frozen=True)
class _Link:
    kind: str
    id: int
    cause_id: int | None


def _chain() -> Any:
    """All rows that know their cause: kind, id, cause_id."""
    caused = [(name, kind.model) for name, kind in KINDS.items() if hasattr(kind.model, "cause_id")]
    rows = [select(literal(name).label("kind"), model.id, model.cause_id) for name, model in caused]
    return union_all(*rows).subquery("chain")


def _climb(kind: str, row_id: int) -> tuple[list[_Link], Key | None]:
    """The rows from one up to the last that knows its cause, and the subject of that last cause."""
    chain = _chain()
    start = select(chain.c.kind, chain.c.id, chain.c.cause_id, literal(0, Integer).label("depth")).where(
        chain.c.kind == kind, chain.c.id == row_id
    )
    up = start.cte("up", recursive=True)
    above = (
        select(chain.c.kind, chain.c.id, chain.c.cause_id, up.c.depth + 1)
        .join(AuditEvent, AuditEvent.id == up.c.cause_id)
        .join(chain, and_(chain.c.kind == AuditEvent.subject_type, chain.c.id == AuditEvent.subject_id))
        .where(up.c.depth < DEPTH)
        .select_from(up)
    )
    up = up.union(above)
    found = db.session.execute(
        select(up, AuditEvent.subject_type, AuditEvent.subject_id)
        .outerjoin(AuditEvent, AuditEvent.id == up.c.cause_id)
        .order_by(up.c.depth)
        .limit(MOST)
    ).all()
    links = [_Link(row.kind, row.id, row.cause_id) for row in found]
    last = found[-1] if found else None
    return links, (last.subject_type, last.subject_id) if last and last.subject_type else None


def _sides(line: Sequence[_Link]) -> list[_Link]:
    """What the rows of the line led to at their sides, and what that led to in turn; of plans only the grant's own."""
    chain, on_line = _chain(), [(link.kind, link.id) for link in line] or [("", 0)]
    grants = [link.id for link in line if link.kind == EquityGrant.__tablename__]
    plans = select(EquityGrant.plan_id).where(EquityGrant.id.in_(grants))
    wanted = and_(
        chain.c.kind.in_(BRANCHES),
        or_(chain.c.kind != "equity_plan", chain.c.id.in_(plans)),
        tuple_(chain.c.kind, chain.c.id).not_in(on_line),
    )
    first = (
        select(chain.c.kind, chain.c.id, chain.c.cause_id, literal(1, Integer).label("depth"))
        .join(AuditEvent, AuditEvent.id == chain.c.cause_id)
        .where(tuple_(AuditEvent.subject_type, AuditEvent.subject_id).in_(on_line), wanted)
    )
    down = first.cte("down", recursive=True)
    further = (
        select(chain.c.kind, chain.c.id, chain.c.cause_id, down.c.depth + 1)
        .select_from(down)
        .join(AuditEvent, and_(AuditEvent.subject_type == down.c.kind, AuditEvent.subject_id == down.c.id))
        .join(chain, chain.c.cause_id == AuditEvent.id)
        .where(wanted, down.c.depth < DEPTH)
    )
    down = down.union(further)
    rows = db.session.execute(select(down).order_by(down.c.depth, down.c.kind, down.c.id).limit(MOST))
    found = {(row.kind, row.id): _Link(row.kind, row.id, row.cause_id) for row in rows}
    return list(found.values())


def _descriptions(keys: Iterable[Key], reader: Person) -> dict[Key, Any]:
    """The rows in words, in one statement."""
    ids: dict[str, list[int]] = {}
    for kind, row_id in keys:
        ids.setdefault(kind, []).append(row_id)
    parts = []
    for kind, of_kind in sorted(ids.items()):
        one = KINDS[kind].describe(reader)
        parts.append(one.add_columns(literal(kind)).where(KINDS[kind].model.id.in_(of_kind)))
    names = ("id", "public_id", "state", "number", "title", "rule", "address", "kind")
    rows = union_all(*parts).subquery()
    found = db.session.execute(select(*(column.label(name) for column, name in zip(rows.c, names, strict=True))))
    return {(row.kind, row.id): row for row in found}


def _events(keys: Sequence[Key]) -> dict[Key, list[Event]]:
    """The events of the rows in order, each checked against its leaf, in one statement."""
    rule = RuleVersion.code + literal(" v") + cast(RuleVersion.number, AuditEvent.name.type)
    rows = db.session.execute(
        select(AuditEvent, Person.name, AuditPayload.payload, AuditPayload.salt, AuditPending.leaf, rule)
        .outerjoin(Person, Person.id == AuditEvent.actor_id)
        .outerjoin(AuditPayload, AuditPayload.event_id == AuditEvent.id)
        .outerjoin(AuditPending, AuditPending.event_id == AuditEvent.id)
        .outerjoin(RuleVersion, RuleVersion.id == AuditEvent.rule_version_id)
        .where(tuple_(AuditEvent.subject_type, AuditEvent.subject_id).in_(keys))
        .order_by(AuditEvent.id)
        .limit(MOST * 10)
    )
    events: dict[Key, list[Event]] = {}
    for row in rows:
        events.setdefault((row[0].subject_type, row[0].subject_id), []).append(_checked(row))
    return events


def _checked(row: Any) -> Event:
    event, actor, payload, salt, leaf, rule = row
    details = payload if isinstance(payload, dict) else {}
    return Event(
        id=event.id,
        public_id=event.public_id,
        name=event.name,
        at=event.at,
        actor=actor,
        before=details.get("from"),
        after=details.get("to"),
        reason=event.reason,
        rule=rule,
        parent_id=event.parent_id,
        proof=proof_of(event, payload, salt, leaf),
        payload=details,
    )


def proof_of(event: AuditEvent, payload: dict[str, Any] | None, salt: bytes | None, leaf: bytes | None) -> str:
    """Whether the event, its payload and its leaf say the same: 'holds', 'erased' (no payload) or 'broken'."""
    said = _leaf(leaf)
    at = event.at.astimezone(clock.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if (said.get("event"), said.get("class"), said.get("at")) != (event.public_id, event.name, at):
        return "broken"
    if payload is None or salt is None:
        return "erased"
    expected = audit.commitment(salt, payload).hex()
    return "holds" if hmac.compare_digest(expected, str(said.get("commitment"))) else "broken"


def _leaf(leaf: bytes | None) -> dict[str, Any]:
    try:
        read = json.loads(leaf or b"{}")
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


def _findings(link: _Link, described: Any, events: Sequence[Event], known: set[int]) -> tuple[str, ...]:
    """What does not hold together in one row."""
    found = []
    if described is None:
        return ("row_missing",)
    births = [event for event in events if event.name == f"{link.kind}.create"]
    if link.kind != ROOT and not births:
        found.append("birth_missing")
    if births and link.cause_id is not None and births[0].parent_id != link.cause_id:
        found.append("cause_changed")
    if link.kind != ROOT and link.cause_id not in known:
        found.append("cause_missing")
    moved = [event.after for event in events if event.after]
    if moved and described.state and moved[-1] != described.state:
        found.append("state_changed")
    return tuple(found)


def walk(kind: str, row_id: int, reader: Person) -> Walk:
    """Walk from a row to its call and gather what hangs at the sides; always four statements.

    reader: in whose scope pages are linked.
    """
    line, end = _climb(kind, row_id)
    root = [_Link(*end, None)] if end and end[0] in KINDS and end not in {(one.kind, one.id) for one in line} else []
    sides = _sides(line)
    every = [*line, *root, *sides]
    keys = [(link.kind, link.id) for link in every] or [(kind, row_id)]
    described, events = _descriptions(keys, reader), _events(keys)
    known = {event.id for of_row in events.values() for event in of_row}
    steps = [_step(link, described.get((link.kind, link.id)), events, known) for link in every]
    count = len(line) + len(root)
    whole = bool(root) and root[0].kind == ROOT and (ROOT, root[0].id) in described
    return Walk(tuple(steps[:count]), tuple(steps[count:]), whole)


def _step(link: _Link, described: Any, events: dict[Key, list[Event]], known: set[int]) -> Step:
    own = events.get((link.kind, link.id), [])
    texts = {name: getattr(described, name, None) for name in ("state", "number", "title", "rule", "address")}
    return Step(link.kind, link.id, **texts, events=tuple(own), findings=_findings(link, described, own, known))


def readable(case: CaseGrant) -> set[Key]:
    """The rows whose pages this case opens to its auditor, without those that are denied to them."""
    rows = db.session.execute(
        select(Access.subject_type, Access.subject_id, func.bool_or(Access.effect == Effect.DENY))
        .where(
            Access.person_id == case.auditor_id,
            or_(Access.source == case.source, Access.effect == Effect.DENY),
            or_(Access.until_at.is_(None), Access.until_at > clock.now()),
        )
        .group_by(Access.subject_type, Access.subject_id)
        .having(func.bool_or(Access.source == case.source))
    )
    return {(kind, row_id) for kind, row_id, denied in rows if not denied}
