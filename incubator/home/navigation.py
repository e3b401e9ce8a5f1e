"""The menu: one table of places, and who finds them there."""

from dataclasses import dataclass

from flask import request
from flask_babel import lazy_gettext as _l

from incubator.core.actions import can, is_declared
from incubator.people.models import Person


@dataclass(frozen=True)
class Place:
    """One entry of the menu; right: a row of the permission table, None for everybody; count: a key of the counts."""

    key: str
    label: object
    href: str
    icon: str
    right: str | None = None
    count: str | None = None


GROUPS: tuple[tuple[object, tuple[Place, ...]], ...] = (
    (_l("My work"), (
        Place("home", _l("Home"), "/", "home"),
        Place("calls", _l("Calls"), "/calls/", "flag"),
        Place("proposals", _l("My proposals"), "/proposals/", "bulb"),
        Place("reviews", _l("Reviews"), "/reviews/", "clipboard-check", "review.queue", "reviews"),
        Place("inventions", _l("My inventions"), "/inventions/", "certificate"),
        Place("equity", _l("My equity"), "/equity/mine", "scale"),
    )),
    (_l("Committee"), (
        Place("screening", _l("Screening"), "/screening/", "layout-kanban", "proposal.board"),
        Place("rounds", _l("Ranking"), "/rounds/", "trophy", "round.list"),
        Place("portfolio", _l("Portfolio"), "/portfolio/", "chart-bar", "portfolio.list"),
    )),
    (_l("Build"), (
        Place("ventures", _l("Ventures"), "/ventures/", "rocket"),
        Place("sandboxes", _l("Sandboxes"), "/sandboxes/", "server"),
        Place("catalogue", _l("Cloud catalogue"), "/catalogue/", "cloud"),
        Place("patents", _l("Patents"), "/patents/", "certificate", "patent.docket"),
        Place("awards", _l("Inventor awards"), "/awards/", "coin", "award.list"),
    )),
    (_l("Governance"), (
        Place("plans", _l("Equity plans"), "/equity/", "scale", "equity.list"),
        Place("rules", _l("Rules"), "/rules/", "adjustments", "rule.list"),
        Place("audit", _l("Audit trail"), "/audit/", "shield-check", "audit.list"),
    )),
)  # fmt: skip


def menu(person: Person, counts: dict[str, int]) -> list[dict[str, object]]:
    """The groups of the menu with the places this person may open."""
    groups = []
    for title, places in GROUPS:
        items = [_item(place, counts) for place in places if _is_open(place, person)]
        if items:
            groups.append({"title": title, "items": items})
    return groups


def tabs(person: Person, counts: dict[str, int]) -> list[dict[str, object]]:
    """The five places of the bottom bar: home, then what the person's roles open, and the menu."""
    places = [place for _, group in GROUPS for place in group if _is_open(place, person)]
    special = [place for place in places if place.right is not None]
    common = [place for place in places if place.right is None and place.key != "home"]
    chosen = [places[0], *(special + common)[:3]]
    return [_item(place, counts) for place in chosen] + [_item(Place("menu", _l("Menu"), "/menu", "menu-2"), counts)]


def _is_open(place: Place, person: Person) -> bool:
    return place.right is None or (is_declared(place.right) and can(person, place.right))


def _item(place: Place, counts: dict[str, int]) -> dict[str, object]:
    current = request.path == place.href or (place.href != "/" and request.path.startswith(place.href))
    return {
        "key": place.key,
        "label": place.label,
        "href": place.href,
        "icon": place.icon,
        "count": counts.get(place.count, 0) if place.count else 0,
        "current": current,
    }
