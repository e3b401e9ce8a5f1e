"""The menu: one table of places, and who finds them there."""

from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias, cast

from flask import request
from flask_babel import lazy_gettext as _l

from incubator.core.actions import can, is_declared
from incubator.people.models import Person
from incubator.web.language import kept, language, plain


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
        Place("inventions", _l("My inventions"), "/inventions/", "scale"),
        Place("equity", _l("My equity"), "/equity/mine", "certificate"),
        Place("transfers", _l("Transfers"), "/equity/transfers/", "arrow-right"),
    )),
    (_l("Committee"), (
        Place("screening", _l("Screening"), "/screening/", "layout-kanban", "proposal.board"),
        Place("rounds", _l("Ranking"), "/rounds/", "trophy", "round.list"),
        Place("panels", _l("Gates and second rounds"), "/panels/", "gavel", "panel.list"),
        Place("portfolio", _l("Portfolio"), "/portfolio/", "chart-bar", "portfolio.list"),
    )),
    (_l("Build"), (
        Place("ventures", _l("Ventures"), "/ventures/", "rocket"),
        Place("sandboxes", _l("Sandboxes"), "/sandboxes/", "server"),
        Place("operations", _l("Cloud operations"), "/sandboxes/operations", "list", "operation.list"),
        Place("catalogue", _l("Cloud catalogue"), "/catalogue/", "cloud"),
        Place("providers", _l("Cloud providers"), "/catalogue/providers/", "building", "provider.list"),
        Place("credits", _l("Cloud credits"), "/credits/", "wallet", "credit_pool.list"),
        Place("months", _l("Credit month-ends"), "/credits/months/", "calendar", "credit_month.list"),
        Place("rates", _l("Exchange rates"), "/credits/rates", "currency-yuan", "fx_rate.list"),
        Place("patents", _l("Patents"), "/patents/", "scale", "patent.docket"),
        Place("deadlines", _l("Deadlines"), "/patents/deadlines/", "calendar", "deadline.list"),
        Place("awards", _l("Inventor awards"), "/awards/", "coin", "award.list"),
        Place("uses", _l("Use of patents"), "/exploitation/", "chart-bar", "exploitation.list"),
        Place("secrets", _l("Trade secrets"), "/secrets/", "lock", "trade_secret.list"),
    )),
    (_l("Governance"), (
        Place("plans", _l("Equity plans"), "/equity/", "certificate", "equity.list"),
        Place("issuers", _l("Capital"), "/equity/issuers/", "building", "issuer.list"),
        Place("expense", _l("Cost of equity"), "/equity/expense", "coin", "grant_value.list"),
        Place("board", _l("Equity for the board"), "/equity/board", "chart-bar", "equity.board"),
        Place("stand-ins", _l("Stand-ins"), "/stand-ins", "users", "delegation.create"),
        Place("directory", _l("Directory"), "/directory/", "users", "directory_import.create"),
        Place("administration", _l("Administration"), "/administration", "server", "installation.show"),
        Place("rules", _l("Rules"), "/rules/", "adjustments", "rule.list"),
        Place("audit", _l("Audit trail"), "/audit/", "shield-check", "audit.list"),
    )),
)  # fmt: skip


Key: TypeAlias = tuple[tuple[str, int, bool], ...]


@dataclass(frozen=True)
class Menu:
    """A person's menu: the groups of the side menu, the bottom bar, and a key that names all they show."""

    groups: list[dict[str, object]]
    tabs: list[dict[str, object]]
    key: Key


def menu(person: Person, counts: dict[str, int]) -> Menu:
    """The places this person may open, with what waits there, as seen from this page."""
    here = _here(request.path)
    key = tuple(
        (place.key, counts.get(place.count, 0) if place.count else 0, place.href == here)
        for place in PLACES
        if _is_open(place, person)
    )
    return cast(Menu, kept(("menu", language(), key), _made, key))


def _made(key: Key) -> Menu:
    """The menu with these places: key, what waits there, and whether it is where the reader stands."""
    shown = {name: (count, current) for name, count, current in key}
    groups: list[dict[str, object]] = [
        {"title": plain(title), "items": [_item(place, *shown[place.key]) for place in places if place.key in shown]}
        for title, places in GROUPS
        if any(place.key in shown for place in places)
    ]
    return Menu(groups, _tabs([place for place in PLACES if place.key in shown], shown), key)


def _tabs(places: list[Place], shown: dict[str, tuple[int, bool]]) -> list[dict[str, object]]:
    """The five places of the bottom bar: home, then what the person's roles open, and the menu."""
    special = [place for place in places if place.right is not None]
    common = [place for place in places if place.right is None and place.key != "home"]
    chosen = [places[0], *(special + common)[:3]]
    return [*(_item(place, *shown[place.key]) for place in chosen), _item(MENU, 0, False)]


def _is_open(place: Place, person: Person) -> bool:
    return place.right is None or (is_declared(place.right) and can(person, place.right))


def _item(place: Place, count: int, current: bool) -> dict[str, object]:
    return {
        "key": place.key,
        "label": plain(place.label),
        "href": place.href,
        "icon": place.icon,
        "count": count,
        "current": current,
    }


@lru_cache(maxsize=1_000)
def _here(path: str) -> str:
    """The place a page belongs to: the longest address that it lies below."""
    below = (href for href in HREFS if path == href or (href != "/" and path.startswith(href)))
    return max(below, key=len, default="")


PLACES = tuple(place for _, group in GROUPS for place in group)
HREFS = [place.href for place in PLACES]
MENU = Place("menu", _l("Menu"), "/menu", "menu-2")
