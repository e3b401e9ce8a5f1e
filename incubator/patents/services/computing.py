"""What inventors are owed, by the rule of the day: for a grant, and for a period of use. Nothing is written here."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select

from incubator.core import clock
from incubator.core.db import db
from incubator.core.errors import Invalid
from incubator.patents.engines import awards as engine
from incubator.patents.engines import remuneration as uses
from incubator.patents.engines.remuneration import Mode
from incubator.patents.models import Award, AwardKind, Exploitation, InventorShare, Matter
from incubator.people.models import Person
from incubator.rules import queries as rules
from incubator.rules.models import RuleVersion

AWARD_RULE = "cn.patent.award"
USE_RULE = "cn.patent.remuneration"


@dataclass(frozen=True)
class Computed:
    """An amount with the rule, the last day, how it came about, and each inventor's part (person, points, minor)."""

    rule: RuleVersion
    amount: int
    currency: str
    due_on: dt.date
    calculation: dict[str, Any]
    parts: list[tuple[Person, int, int]]

    def content(self, number: str, matter: Matter) -> dict[str, Any]:
        """What is put to approval and signed: the rule, the inputs, and every part."""
        return {
            "award": number,
            "matter": matter.number,
            "rule": {"code": self.rule.code, "number": self.rule.number, "id": self.rule.public_id},
            "amount": self.amount,
            "currency": self.currency,
            "calculation": self.calculation,
            "parts": [[person.public_id, points, minor] for person, points, minor in self.parts],
        }


def anew(award: Award) -> Computed:
    """What the award comes to by the rules, shares and records that stand now."""
    if award.kind == AwardKind.REMUNERATION and award.exploitation is not None:
        return of_use(live_of(award.exploitation))
    return of_grant(award.matter)


def stored(award: Award) -> Computed:
    """The award as it stands."""
    parts = [(share.person, share.share_bp, share.amount) for share in award.shares]
    return Computed(award.rule, award.amount, award.currency, award.due_on, award.calculation, parts)


def _sharing(matter: Matter) -> list[InventorShare]:
    return [share for share in matter.disclosure.shares if share.share_bp]


def _parts(matter: Matter, parts: tuple[engine.Part, ...]) -> list[tuple[Person, int, int]]:
    pairs = zip(_sharing(matter), parts, strict=True)
    return [(share.person, part.points, part.minor) for share, part in pairs]


def _shares(matter: Matter) -> list[engine.Share]:
    return [engine.Share(share.person.public_id, share.share_bp) for share in _sharing(matter)]


def earns_award(matter: Matter) -> bool:
    """Whether the rule of the day gives an award for a patent of its office: by law for one granted in China, abroad
    where the company's own rule says so. Of a day without a rule that in China counts as one that does."""
    try:
        rule = _award_rule(rules.in_force(AWARD_RULE, matter.granted_on or clock.today(), matter.company))
    except (Invalid, engine.AwardError):
        return matter.office in engine.BY_LAW
    return matter.office in rule.offices


def _award_rule(rule: RuleVersion) -> engine.AwardRule:
    return engine.AwardRule.from_data(rule.code, rule.valid_from, rule.valid_to, rule.parameters)


def of_grant(matter: Matter) -> Computed:
    """The award for a grant. Raises Invalid at happened_on when no rule was in force on the day of the announcement."""
    if matter.granted_on is None:
        raise ValueError("an award follows from a grant")
    try:
        rule = rules.in_force(AWARD_RULE, matter.granted_on, matter.company)
        data = _award_rule(rule)
        made = engine.award([data], kind=matter.kind, announced_on=matter.granted_on, shares=_shares(matter))
    except engine.AwardError as error:
        raise Invalid(_("The award cannot be computed: %(why)s", why=error), field="happened_on") from error
    except Invalid as error:
        raise Invalid(error.message, field="happened_on", code=error.code) from error
    how = {
        "engine": engine.ENGINE_VERSION,
        "kind": matter.kind.value,
        "announced_on": made.announced_on.isoformat(),
        "months": made.due.months,
        "corresponding_on": made.due.corresponding_on.isoformat(),
        "due_on": made.due.due_on.isoformat(),
        "moved": made.due.moved,
        "provisional": made.due.provisional,
    }
    return Computed(rule, made.minor, made.currency, made.due.due_on, how, _parts(matter, made.parts))


def of_use(record: Exploitation) -> Computed:
    """The remuneration for a period of use. Raises Invalid at the field that keeps it from being computed."""
    matter = record.matter
    if matter.granted_on is None:
        raise Invalid(_("The patent is not granted yet; what counts is its use from the grant."), field="matter")
    use = uses.Use(
        record.mode, matter.kind, matter.granted_on, record.from_on, record.to_on, record.net, _year_of(record)
    )  # fmt: skip
    versions = _versions(record)
    try:
        made = uses.remuneration(map(_data, versions), use, _shares(matter), number=record.regime)
    except uses.UseError as error:
        raise _refusal(error) from error
    except engine.AwardError as error:
        raise Invalid(_("The remuneration cannot be computed: %(why)s", why=error), field="mode") from error
    rule = next(one for one in versions if one.number == made.rule.number)
    due_on = dt.date(record.to_on.year + 1, 12, 31)
    how = _explained(record, made, due_on, ask=made.ask_counsel and rule.company_id is None)
    return Computed(rule, made.amount, record.currency or "", due_on, how, _parts(matter, made.parts))


def _explained(record: Exploitation, made: uses.Remuneration, due_on: dt.date, *, ask: bool) -> dict[str, Any]:
    """What it was computed from; due_on: it is owed each year, so by the end of the year after (no law names a day)."""
    return {
        "engine": uses.ENGINE_VERSION,
        "kind": record.matter.kind.value,
        "announced_on": made.use.announced_on.isoformat(),
        "record": record.number,
        "mode": record.mode.value,
        "from_on": record.from_on.isoformat(),
        "to_on": record.to_on.isoformat(),
        "base": made.use.base,
        "points": made.points,
        "year": made.use.year,
        "ended": made.ended,
        "regime": record.regime,
        "ask_counsel": ask,
        "due_on": due_on.isoformat(),
        "provisional": False,
    }


def _data(rule: RuleVersion) -> uses.RemunerationRule:
    return uses.RemunerationRule.from_data(
        rule.code, rule.number, rule.valid_from, rule.valid_to, rule.parameters
    )  # fmt: skip


def _versions(record: Exploitation) -> list[RuleVersion]:
    """The company's own rule where it covers a day of the period, otherwise every version of the law."""
    try:
        found = [rules.in_force(USE_RULE, day, record.company) for day in (record.from_on, record.to_on)]
    except Invalid as error:
        raise Invalid(error.message, field="from_on", code=error.code) from error
    if any(rule.company_id is not None for rule in found):
        return list(dict.fromkeys(found))
    return rules.of_law(USE_RULE)


def _year_of(record: Exploitation) -> int:
    """Which year of own use it is, counted from the first record of own use that stands."""
    voided = select(Exploitation.voids_id).where(Exploitation.voids_id.is_not(None))
    first = db.session.scalar(
        select(func.min(Exploitation.from_on)).where(
            Exploitation.matter_id == record.matter.id, Exploitation.mode == Mode.OWN_USE,
            Exploitation.id.not_in(voided), Exploitation.from_on <= record.from_on,
        )
    )  # fmt: skip
    if first is None:
        return 1
    months = (record.from_on.year - first.year) * 12 + record.from_on.month - first.month
    return months // 12 + 1


def live_of(record: Exploitation) -> Exploitation:
    """The record that stands for this one: itself, or what corrected it last."""
    later = db.session.scalar(select(Exploitation).where(Exploitation.voids_id == record.id))
    return record if later is None else live_of(later)


def _refusal(error: uses.UseError) -> Invalid:
    """The engine's refusal in the reader's language, at the field that would put it right."""
    day = error.day.isoformat() if error.day else ""
    known: dict[str, tuple[str, str]] = {
        "order": ("to_on", _("The last day lies before the first.")),
        "before_grant": (
            "from_on", _("The patent was announced on %(day)s: what counts is its use from that day on.", day=day),
        ),
        "two_rules": (
            "to_on", _("Another rule holds from %(day)s: record the time before and the time from it apart.", day=day),
        ),
        "too_long": ("to_on", _("Own use is recorded a year at a time: end before %(day)s.", day=day)),
        "no_rule": ("from_on", _("No rule on remuneration was in force on %(day)s.", day=day)),
        "no_part": (
            "mode", _("The rule of that time gives no part for this kind of use; an agreement or a company rule must."),
        ),
    }  # fmt: skip
    field, words = known.get(error.code, ("from_on", str(error)))
    return Invalid(words, field=field)
