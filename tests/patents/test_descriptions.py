"""Completing a disclosure, what the public has seen, files, and the four decisions."""

import datetime as dt
import io
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from incubator.core import clock
from incubator.core.db import db
from incubator.core.errors import DomainError, Invalid, NotAllowed, WrongState
from incubator.core.transaction import transaction
from incubator.notifications.models import Notice
from incubator.patents import queries, services
from incubator.patents.engines.completeness import Funding, Item, missing
from incubator.patents.engines.novelty import Showing
from incubator.patents.models import Matter, TradeSecret
from incubator.patents.states import Decision, DisclosureState, SecretState
from incubator.people.models import Role
from tests.patents.scene import COMPLETE, TEXT, Scene, from_today

SignIn = Callable[..., FlaskClient]
DAY = dt.timedelta(days=1)


def refusal(call: Any) -> tuple[type, str | None]:
    with pytest.raises(DomainError) as caught, transaction():
        call()
    return type(caught.value), caught.value.field


def declined(call: Any) -> tuple[type, str | None]:
    """Like refusal, for what opens its own transaction."""
    with pytest.raises(DomainError) as caught:
        call()
    return type(caught.value), caught.value.field


def kinds(scene: Scene, person: Any) -> list[str]:
    return sorted(row[0] for one in queries.waiting_for(person) for row in db.session.execute(one))


@pytest.mark.parametrize(
    ("details", "field"),
    [
        ({"sold_on": DAY}, "sold_on"),
        ({"sale_planned_on": -DAY}, "sale_planned_on"),
        ({"planned_on": 0 * DAY, "nothing_shown": True}, "nothing_shown"),
        ({"rights": "A library", "no_rights": True}, "no_rights"),
        ({"prior_art": "x" * 50_001}, "prior_art"),
    ],
)
def test_what_contradicts_itself_is_refused_at_its_field(scene: Scene, details: dict[str, Any], field: str) -> None:
    assert declined(lambda: scene.disclose(**from_today(details))) == (Invalid, field)


def test_the_author_completes_it_until_counsel_has_given_an_opinion(scene: Scene) -> None:
    disclosure = scene.disclose(prior_art="", funding=None)
    assert missing(services.completeness(disclosure)) == (Item.PRIOR_ART, Item.FUNDING, Item.SHARES)
    assert refusal(lambda: services.revise(scene.mate, disclosure, **TEXT))[0] is NotAllowed
    with transaction():
        services.ask(scene.counsel, disclosure, question="Who paid for it?")
    assert kinds(scene, scene.lead) == ["disclosure.complete"]
    assert "disclosure.assess" not in kinds(scene, scene.counsel)
    with transaction():
        services.revise(
            scene.lead, disclosure, **TEXT, prior_art="Pumps.", funding=Funding.PUBLIC, funding_details="Project 7"
        )
    assert (disclosure.asked, disclosure.prior_art, disclosure.funding) == (None, "Pumps.", Funding.PUBLIC)
    with transaction():
        services.accept_share(scene.mate, scene.share(disclosure, scene.mate))
        services.assess(scene.counsel, disclosure, assessment="New.")
    assert refusal(lambda: services.revise(scene.lead, disclosure, **TEXT))[0] is WrongState
    with transaction():
        services.ask(scene.counsel, disclosure, question="More?")
        services.revise(scene.lead, disclosure, **TEXT)
    scene.proposed(disclosure)
    with transaction():
        services.decide(scene.office, disclosure)
    assert refusal(lambda: services.ask(scene.counsel, disclosure, question="Late?"))[0] is WrongState


def test_no_decision_before_it_is_complete(scene: Scene) -> None:
    disclosure = scene.disclose(prior_art="")
    with transaction():
        services.accept_share(scene.mate, scene.share(disclosure, scene.mate))
        services.assess(scene.counsel, disclosure, assessment="New.")
    assert declined(lambda: scene.proposed(disclosure))[0] is WrongState


def test_days_are_told_later_and_show_which_grace_holds(scene: Scene, sign_in: SignIn) -> None:
    disclosure = scene.assessed()
    days = {"published_on": clock.today() - DAY, "planned_on": None, "sold_on": None, "sale_planned_on": None}
    with transaction():
        services.set_days(scene.mate, disclosure, **days, published_how=Showing.CONFERENCE)
    assert (disclosure.nothing_shown, [one.how for one in disclosure.shown]) == (False, [Showing.CONFERENCE])
    page = sign_in(scene.counsel).get(f"/inventions/{disclosure.public_id}").get_data(as_text=True)
    assert [word in page for word in ("Saved by a grace", "No longer new", "Patent Law, Art. 24")] == [True] * 3
    browser = sign_in(scene.mate)
    answer = browser.post(
        f"/inventions/{disclosure.public_id}/days", data={"planned_on": "2026-02-30", "published_how": "leak"}
    )
    assert (answer.status_code, "There is no such day: 2026-02-30" in answer.get_data(as_text=True)) == (422, True)
    assert refusal(lambda: services.set_days(scene.hr_a, disclosure, **days))[0] is NotAllowed


def test_a_file_is_as_secret_as_the_text(scene: Scene, sign_in: SignIn) -> None:
    disclosure = scene.taken_up()
    address = f"/inventions/{disclosure.public_id}/files"
    browser = sign_in(scene.lead)
    assert browser.post(address, data={}).status_code == 422
    sent = {"file": (io.BytesIO(b"Measured: 70 degrees."), "data.txt")}
    assert browser.post(address, data=sent, content_type="multipart/form-data").status_code == 303
    (file,) = queries.files_of(disclosure)
    place = f"{address}/{file.public_id}"
    assert [sign_in(one).get(place).status_code for one in (scene.mate, scene.counsel, scene.office, scene.hr_a)] == [
        200, 200, 404, 404,
    ]  # fmt: skip
    assert sign_in(scene.lead).get(f"{address}/aaaaaaaaaaaaaaaa").status_code == 404
    assert services.completeness(disclosure, 1)[-1].there is True


def test_a_disclosure_has_at_most_so_many_files(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    from incubator.patents.services import attachments

    monkeypatch.setattr(attachments, "MOST", 1)
    disclosure = scene.disclose()
    with transaction():
        services.attach(scene.lead, disclosure, data=b"one", name="a.txt")
    assert refusal(lambda: services.attach(scene.lead, disclosure, data=b"two", name="b.txt")) == (Invalid, "file")


@pytest.mark.parametrize(
    ("decision", "state"),
    [(Decision.PUBLISH, DisclosureState.PUBLISH), (Decision.RELEASE, DisclosureState.RELEASE)],
)
def test_it_is_published_or_released_with_a_reason_and_a_second_person(
    scene: Scene, decision: Decision, state: DisclosureState
) -> None:
    disclosure = scene.decided(decision)
    assert (disclosure.state, db.session.scalar(select(Matter.id))) == (state, None)
    told = db.session.scalars(select(Notice.kind).where(Notice.person_id == scene.mate.id)).all()
    assert f"disclosure.{decision.value}" in told


def test_a_filing_says_which_patent(scene: Scene) -> None:
    disclosure = scene.assessed()
    assert refusal(lambda: services.propose(scene.counsel, disclosure, decision=Decision.FILE, reason="R")) == (
        Invalid, "kind",
    )  # fmt: skip


# ---- trade secrets


def the_secret() -> TradeSecret:
    return db.session.scalars(select(TradeSecret)).one()


def test_kept_secret_it_stands_in_the_register_and_nothing_of_it_is_shown_or_filed(scene: Scene) -> None:
    disclosure = scene.decided(Decision.KEEP_SECRET, measures="Locked room.")
    secret = the_secret()
    assert (disclosure.state, secret.state, secret.measures, secret.number[:2]) == (
        DisclosureState.KEEP_SECRET, SecretState.KEPT, "Locked room.", "T-",
    )  # fmt: skip
    days: dict[str, Any] = {"published_on": None, "planned_on": None, "sold_on": None, "sale_planned_on": None}
    for field in ("planned_on", "sale_planned_on"):
        given = days | {field: clock.today() + DAY}
        assert refusal(lambda given=given: services.set_days(scene.lead, disclosure, **given)) == (Invalid, field)
    with pytest.raises(IntegrityError, match="is a trade secret"), transaction():
        disclosure.planned_on = clock.today() + DAY
        disclosure.nothing_shown = False
    with pytest.raises(IntegrityError, match="is a trade secret"), transaction():
        db.session.execute(text("UPDATE disclosure SET state = 'file'"))
    with transaction():  # a leak is a fact and is told
        services.set_days(
            scene.lead, disclosure, **(days | {"published_on": clock.today()}), published_how=Showing.LEAK
        )


def test_the_day_to_look_at_it_again_is_to_come(scene: Scene) -> None:
    disclosure = scene.assessed()
    given: dict[str, Any] = {"decision": Decision.KEEP_SECRET, "reason": "R", "review_on": clock.today()}
    assert refusal(lambda: services.propose(scene.counsel, disclosure, **given)) == (Invalid, "review_on")


def test_it_is_looked_at_each_year_and_lifted_by_two(scene: Scene) -> None:
    disclosure = scene.decided(Decision.KEEP_SECRET, review_on=clock.today() + DAY)
    secret = the_secret()
    with transaction():
        secret.review_on = clock.today()
    assert kinds(scene, scene.counsel) == ["trade_secret.review"]
    with transaction():
        services.review_secret(scene.counsel, secret, measures="Locked room, list of keys.")
    assert (secret.review_on > clock.today(), secret.reviewed_at is not None, kinds(scene, scene.counsel)) == (
        True, True, [],
    )  # fmt: skip
    assert refusal(lambda: services.approve_lift(scene.office, secret))[0] is WrongState
    with transaction():
        services.propose_lift(scene.counsel, secret, reason="It leaked.")
    assert refusal(lambda: services.approve_lift(scene.counsel, secret))[0] is NotAllowed
    with transaction():
        services.refuse_lift(scene.office, secret, reason="Wait.")
        services.propose_lift(scene.counsel, secret, reason="It leaked, as all see.")
    with transaction():
        services.approve_lift(scene.office, secret)
    assert (secret.state, disclosure.state) == (SecretState.LIFTED, DisclosureState.ASSESSED)
    assert refusal(lambda: services.review_secret(scene.counsel, secret, measures="M"))[0] is WrongState
    assert refusal(lambda: services.propose_lift(scene.counsel, secret, reason="R"))[0] is WrongState
    assert scene.matter(disclosure).disclosure_id == disclosure.id


def test_the_register_opens_the_text_to_nobody(scene: Scene, sign_in: SignIn) -> None:
    scene.decided(Decision.KEEP_SECRET, measures="Locked room.")
    secret = the_secret()
    seen = {}
    for person in (scene.counsel, scene.office, scene.hr_a, scene.lead):
        browser = sign_in(person)
        pages = [browser.get("/secrets/"), browser.get(f"/secrets/{secret.public_id}")]
        text_ = "".join(page.get_data(as_text=True) for page in pages)
        seen[person.name] = ([page.status_code for page in pages], TEXT["title"] in text_, "Locked room." in text_)
    assert seen == {
        "Gu Lan": ([200, 200], True, True),
        "Office": ([200, 200], False, False),
        "Hr A": ([404, 404], False, False),
        "Lin Yue": ([404, 404], False, False),
    }
    assert "No trade secrets" in sign_in(scene.make.person(scene.make.company(), Role.OFFICE)).get(
        "/secrets/"
    ).get_data(as_text=True)


def test_it_is_kept_looked_at_and_lifted_by_clicking(scene: Scene, sign_in: SignIn) -> None:
    scene.decided(Decision.KEEP_SECRET)
    at = f"/secrets/{the_secret().public_id}"

    def post(person: Any, step: str, **data: str) -> int:
        return sign_in(person).post(f"{at}/{step}", data=data).status_code

    assert post(scene.counsel, "review", measures="") == 422
    assert post(scene.counsel, "review", measures="Locked.") == 303
    assert post(scene.counsel, "lift", reason="") == 422
    assert post(scene.counsel, "lift", reason="It leaked.") == 303
    assert "Refuse" in sign_in(scene.office).get(at).get_data(as_text=True)
    assert post(scene.office, "refuse", reason="No.") == 303
    assert post(scene.counsel, "lift", reason="It leaked.") == 303
    assert post(scene.office, "approve") == 303
    assert "Lifted" in sign_in(scene.office).get(at).get_data(as_text=True)


def test_complete_is_what_the_scene_discloses(scene: Scene) -> None:
    assert {name: getattr(scene.disclose(), name) for name in COMPLETE} == COMPLETE
