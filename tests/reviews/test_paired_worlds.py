"""Who is kept from a proposal reads the same pages as in a world in which it was never handed in.

Two companies live through the same round; in one of them there is a third proposal, which the chair may not see. It is
better than the others and its theme's budget reaches for all, so that no outcome differs: all that could tell of it are
places, sums, counts and lists.
"""

import re
from typing import Any

import pytest

from incubator.core import clock
from incubator.core.db import db
from incubator.core.transaction import transaction
from incubator.people.models import Role, RoleGrant
from incubator.reviews import services
from tests.make import Make
from tests.reviews.conftest import Story
from tests.reviews.test_correcting import change_manager
from tests.reviews.test_sight import hide

RANDOM = (
    (r'name="csrf_token" value="[^"]*"', ""),
    (r"\b(V|D|SB|EG)-[0-9A-Z]{6}\b", "NUMBER"),
    (r"Northlight Energy \d+", "Northlight Energy"),
    (r"\b[0-9a-f]{64}\b", "HASH"),  # first: a part of one may look like an id
    (r"(?<![a-z2-7])[a-z2-7]{16}(?![a-z2-7])", "ID"),
    (r"\b[0-9a-f]{8,64}\b", "HASH"),
    (r"\d{4}-\d{2}-\d{2}T[0-9:.+]*", "TIME"),
    (r"\b\d{2}:\d{2}(:\d{2})?\b", "TIME"),
)


def live_through(make: Make, *, with_hidden: bool, until: str, is_written: bool = True) -> Story:
    """A round of two proposals in sight of its chair, and perhaps one out of sight, up to a step.

    is_written: the conflict is written down; else only the directory tells it, and the job has not run.
    """
    story = Story(make, budget=50_000_000)
    for role in (Role.OFFICE, Role.AUDITOR):
        make.add(RoleGrant(person=story.chair, company_id=story.company.id, role=role, from_on=clock.today()))
    first = story.reviewed((4, 4, 4, 4), (5, 4, 4, 4), title="Cold from waste heat", asked=10_000_000)
    second = story.reviewed((3, 3, 3, 3), (4, 4, 4, 4), title="Drones for grids", asked=20_000_000)
    assert first.lead_id != second.lead_id
    if with_hidden:
        hidden = story.proposal(title="Salt for storage", asked=15_000_000)
        if is_written:
            hide(story, story.chair, hidden)
        for review in story.put(hidden):
            story.review(review, 5, 5, 5, 5)
        if not is_written:
            change_manager(story.chair, hidden.lead)
    if until != "open":
        story.decided()
    if until == "released":
        _finish(story, with_hidden=with_hidden)
    return story


def _finish(story: Story, *, with_hidden: bool) -> None:
    """Sign, write the letters, release; a decision the chair is kept from takes two other members."""
    for person in (story.chair, story.first, *([story.second] if with_hidden else [])):
        story.step("sign", person)
    story.step("hold")
    with transaction():
        services.write_letters(story.round)
    story.step("release")
    db.session.expire_all()


def pages(story: Story, browser: Any) -> dict[str, str]:
    """What the chair reads, without what is random."""
    round_ = f"/rounds/{story.round.public_id}"
    addresses = {
        "home": "/", "menu": "/menu", "rounds": "/rounds/", "ranking": round_, "all": f"{round_}?all=1",
        "by asked": f"{round_}?sort=asked", "decisions": f"{round_}/decision", "portfolio": "/portfolio/",
        "screening": "/screening/", "ventures": "/ventures/", "search": "/search?q=salt+storage",
        "search all": "/search?q=heat", "notices": "/notices", "calls": "/calls/",
    }  # fmt: skip
    return {name: plain(browser.get(address).text) for name, address in addresses.items()}


def plain(text: str) -> str:
    for pattern, word in RANDOM:
        text = re.sub(pattern, word, text)
    return text


@pytest.mark.no_cover
@pytest.mark.parametrize("until", ["open", "decided", "released"])
def test_the_pages_of_a_chair_in_conflict_are_those_of_a_world_without_the_proposal(
    make: Make, sign_in: Any, until: str
) -> None:
    with_it, without = (live_through(make, with_hidden=each, until=until) for each in (True, False))
    hidden, never = (pages(story, sign_in(story.chair)) for story in (with_it, without))
    assert "Salt for storage" not in "".join(hidden.values())
    different = {name: _first_difference(hidden[name], never[name]) for name in hidden if hidden[name] != never[name]}
    assert different == {}
    assert "Cold from waste heat" in hidden["ranking"]


@pytest.mark.no_cover
def test_a_conflict_that_only_the_directory_tells_hides_as_one_written_down(make: Make, sign_in: Any) -> None:
    with_it, without = (live_through(make, with_hidden=each, until="open", is_written=False) for each in (True, False))
    hidden, never = (pages(story, sign_in(story.chair)) for story in (with_it, without))
    of_the_round = ("ranking", "all", "by asked", "decisions", "rounds")
    different = {
        name: _first_difference(hidden[name], never[name]) for name in of_the_round if hidden[name] != never[name]
    }
    assert different == {}
    assert "Cold from waste heat" in hidden["ranking"]


def _first_difference(one: str, other: str) -> tuple[str, str]:
    at = next(i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b)
    return one[max(at - 60, 0) : at + 60], other[max(at - 60, 0) : at + 60]


def test_where_the_hidden_one_took_the_budget_no_place_and_no_sum_is_named(make: Make, sign_in: Any) -> None:
    story = Story(make, budget=20_000_000)
    seen = story.reviewed((4, 4, 4, 4), (4, 4, 4, 4), title="In sight", asked=10_000_000)
    hidden = story.reviewed((5, 5, 5, 5), (5, 5, 5, 5), title="Out of sight", asked=15_000_000)
    hide(story, story.chair, hidden)
    story.decided()
    _finish(story, with_hidden=True)
    texts = {
        who: [
            sign_in(person).get(address).text
            for address in (f"/rounds/{story.round.public_id}/decision", f"/proposals/{seen.public_id}")
        ]
        for who, person in {"chair": story.chair, "lead": seen.lead, "office": story.office}.items()
    }
    words = "The theme&#39;s budget did not reach for its ¥100,000 at its turn."
    assert [words in text for text in texts["chair"]] == [True, True]
    assert ["left at its turn" in text for text in texts["chair"]] == [False, False]
    assert ["the theme had ¥50,000 left at its turn" in text for text in texts["office"]] == [True, True]
    assert "the theme had ¥50,000 left at its turn" in texts["lead"][1]
    assert ("Letter in English" in texts["chair"][1], "Letter in English" in texts["lead"][1]) == (False, True)
