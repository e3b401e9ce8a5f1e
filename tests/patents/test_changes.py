"""Agreed shares change only with everybody's word."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from incubator.core.db import db
from incubator.core.errors import DomainError, Invalid, NotAllowed, Stale, WrongState
from incubator.core.transaction import transaction
from incubator.patents import queries, services
from incubator.patents.models import ShareChange
from incubator.patents.states import AwardState, ShareChangeState
from tests.patents.scene import Scene

SignIn = Callable[..., FlaskClient]


def refusal(call: Any) -> tuple[type, str | None]:
    with pytest.raises(DomainError) as caught, transaction():
        call()
    return type(caught.value), caught.value.field


def standing(disclosure: Any) -> list[tuple[int, int]]:
    db.session.refresh(disclosure, ["shares"])
    return [(share.person_id, share.share_bp) for share in disclosure.shares]


def proposed(scene: Scene, disclosure: Any, *shares: tuple[Any, int], reason: str = "He built the test loop.") -> Any:
    with transaction():
        return services.propose_change(scene.lead, disclosure, shares=shares, reason=reason)


def test_all_whom_it_affects_agree_and_then_it_stands(scene: Scene) -> None:
    disclosure, third = scene.agreed(), scene.make.person(scene.company, name="Third")
    change = proposed(scene, disclosure, (scene.lead, 5000), (scene.mate, 4000), (third, 1000))
    assert [(part.before_bp, part.after_bp, part.consent.value) for part in change.parts] == [
        (6000, 5000, "accepted"), (4000, 4000, "accepted"), (0, 1000, "asked"),
    ]  # fmt: skip
    assert standing(disclosure) == [(scene.lead.id, 6000), (scene.mate.id, 4000)]
    waits = [row[0] for one in queries.waiting_for(third) for row in db.session.execute(one)]
    assert waits == ["share_change.answer"]
    assert refusal(lambda: services.accept_change(scene.mate, change))[0] is NotAllowed
    with transaction():
        services.accept_change(third, change)
    assert change.state == ShareChangeState.AGREED
    assert standing(disclosure) == [(scene.lead.id, 5000), (scene.mate.id, 4000), (third.id, 1000)]
    assert disclosure.shares[2].company_id == third.company_id
    assert refusal(lambda: services.accept_change(third, change))[0] is NotAllowed


def test_one_no_and_the_old_shares_stand(scene: Scene) -> None:
    disclosure = scene.agreed()
    change = proposed(scene, disclosure, (scene.lead, 7000), (scene.mate, 3000))
    assert refusal(lambda: services.decline_change(scene.mate, change, reason=" ")) == (Invalid, "reason")
    with transaction():
        services.decline_change(scene.mate, change, reason="Half is mine.")
    assert (change.state, standing(disclosure)[0]) == (ShareChangeState.DECLINED, (scene.lead.id, 6000))
    again = proposed(scene, disclosure, (scene.lead, 10_000))
    assert refusal(lambda: services.withdraw_change(scene.mate, again))[0] is NotAllowed
    with transaction():
        services.withdraw_change(scene.lead, again)
    assert again.state == ShareChangeState.WITHDRAWN


@pytest.mark.parametrize(
    ("lead", "mate", "reason", "field"),
    [(6000, 3999, "R", "shares"), (6000, 4000, "R", "shares"), (5000, 5000, " ", "reason")],
)
def test_a_change_says_why_and_is_a_whole(scene: Scene, lead: int, mate: int, reason: str, field: str) -> None:
    disclosure = scene.agreed()
    shares = [(scene.lead, lead), (scene.mate, mate)]
    call = lambda: services.propose_change(scene.lead, disclosure, shares=shares, reason=reason)  # noqa: E731
    assert refusal(call) == (Invalid, field)


def test_nobody_stands_twice_and_one_change_is_open_at_a_time(scene: Scene) -> None:
    asked = scene.disclose()
    shares = [(scene.lead, 5000), (scene.mate, 5000)]
    change = lambda shares=shares: services.propose_change(scene.lead, asked, shares=shares, reason="R")  # noqa: E731
    assert refusal(change)[0] is WrongState
    with transaction():
        services.accept_share(scene.mate, scene.share(asked, scene.mate))
    assert refusal(lambda: change([(scene.lead, 5000), (scene.lead, 5000)])) == (Invalid, "shares")
    with transaction():
        change()
    assert refusal(change)[0] is WrongState
    outsider = scene.make.person(scene.company)
    call = lambda: services.propose_change(outsider, asked, shares=shares, reason="R")  # noqa: E731
    assert refusal(call)[0] is NotAllowed


def test_an_award_put_to_approval_before_is_not_signed_and_comes_out_otherwise(scene: Scene) -> None:
    award = scene.calculated()
    scene.confirm_rule(award)
    third = scene.make.person(scene.company, name="Third")
    change = proposed(scene, award.matter.disclosure, (scene.lead, 6000), (third, 4000))
    for person in (scene.mate, third):
        with transaction():
            services.accept_change(person, change)
    db.session.refresh(award.matter.disclosure, ["shares"])
    assert refusal(lambda: services.approve(scene.hr_b, award))[0] is Stale
    with transaction():
        services.send_back(scene.hr_b, award, reason="The shares have changed.")
    with transaction():
        services.calculate(scene.hr_a, award)
    assert [(share.person_id, share.amount) for share in award.shares] == [
        (scene.lead.id, 240_000), (third.id, 160_000),
    ]  # fmt: skip
    with transaction():
        services.approve(scene.hr_b, award)
    assert award.state == AwardState.IN_PAYROLL


def test_by_clicking(scene: Scene, sign_in: SignIn) -> None:
    disclosure = scene.agreed()
    at = f"/inventions/{disclosure.public_id}"
    rows = {
        "shares-0-hr_number": scene.lead.hr_number, "shares-0-share": "50", "shares-1-share": "50",
        "shares-1-hr_number": scene.mate.hr_number, "reason": "",
    }  # fmt: skip
    assert "Propose other shares" in sign_in(scene.lead).get(f"{at}/change").get_data(as_text=True)
    assert sign_in(scene.lead).post(f"{at}/change", data=rows).status_code == 422
    for answer, data in (("decline", {"reason": "No."}), ("withdraw", {}), ("accept", {})):
        asker = scene.lead if answer == "withdraw" else scene.mate
        assert sign_in(scene.lead).post(f"{at}/change", data=rows | {"reason": "Fair."}).status_code == 303
        assert "Other shares are proposed" in sign_in(scene.mate).get(at).get_data(as_text=True)
        assert sign_in(asker).post(f"{at}/change/{answer}", data=data).status_code == 303
    assert [points for _person, points in standing(disclosure)] == [5000, 5000]
    assert sign_in(scene.mate).post(f"{at}/change/accept").status_code == 404
    states = {one.state.value for one in db.session.query(ShareChange)}
    assert states == {"declined", "withdrawn", "agreed"}
