"""A reason that is missing or too long: it is asked for beside its field, in the dialog it was typed in, and kept."""

from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select

from incubator.core import clock
from incubator.core.db import db
from incubator.core.transaction import transaction
from incubator.patents import services
from incubator.patents.engines.numbers import PatentKind
from incubator.patents.models import CostPurpose, CostStage, Deadline, DeadlineDifference, TradeSecret
from incubator.patents.states import Decision
from incubator.people.models import Person
from tests.patents.scene import Scene, application_number

SignIn = Callable[..., FlaskClient]

LONG = "Quite long. " * 200


def ask(sign_in: SignIn, person: Person, address: str, field: str = "reason", **more: Any) -> tuple[object, ...]:
    """The answers to an empty reason and to one too long: status, the words at the field, an open dialog, what was
    typed."""
    told: list[object] = []
    for given in (" ", LONG):
        answer = sign_in(person).post(address, data={field: given, **more})
        page = answer.get_data(as_text=True)
        is_said = any(words in page for words in ("Give a reason.", "Field cannot be longer than"))
        told.append(
            (answer.status_code, is_said, "data-reopened" in page, LONG.strip() in page, "<title>Error:" in page)
        )
    return tuple(told)


DIALOG = ((422, True, True, False, True), (422, True, True, True, True))
PAGE = ((422, True, False, False, True), (422, True, False, True, True))


def test_dialogs_come_back_open_with_what_was_typed(scene: Scene, sign_in: SignIn) -> None:
    disclosure = scene.disclose()
    at = f"/inventions/{disclosure.public_id}"
    assert ask(sign_in, scene.mate, f"{at}/decline") == DIALOG
    with transaction():
        services.accept_share(scene.mate, scene.share(disclosure, scene.mate))
        services.propose_change(
            scene.lead, disclosure, shares=[(scene.lead, 5000), (scene.mate, 5000)], reason="Half each."
        )
    assert ask(sign_in, scene.mate, f"{at}/change/decline") == DIALOG
    award = scene.calculated(scene.granted(matter=scene.filed(clock.today(), scene.matter(scene.assessed()))))
    assert ask(sign_in, scene.hr_b, f"/awards/{award.public_id}/return") == DIALOG


def test_of_decisions_and_secrets_too(scene: Scene, sign_in: SignIn) -> None:
    proposed = scene.proposed()
    assert ask(sign_in, scene.office, f"/patents/decisions/{proposed.public_id}/refuse") == DIALOG
    scene.decided(Decision.KEEP_SECRET)
    at = f"/secrets/{db.session.scalars(select(TradeSecret)).one().public_id}"
    assert ask(sign_in, scene.counsel, f"{at}/lift") == DIALOG
    assert sign_in(scene.counsel).post(f"{at}/lift", data={"reason": "It leaked."}).status_code == 303
    assert ask(sign_in, scene.office, f"{at}/refuse") == DIALOG


def test_a_replacement_says_why(scene: Scene, sign_in: SignIn) -> None:
    award = scene.in_payroll()
    with transaction():
        scene.share(award.matter.disclosure, scene.lead).share_bp = 5000
        scene.share(award.matter.disclosure, scene.mate).share_bp = 5000
    assert ask(sign_in, scene.hr_a, f"/awards/{award.public_id}/replace") == DIALOG


def test_a_step_in_a_list_asks_on_a_page_of_its_own(scene: Scene, sign_in: SignIn) -> None:
    matter = scene.filed()
    with transaction():
        cost = services.add_cost(
            scene.counsel, matter, stage=CostStage.PLANNED, purpose=CostPurpose.ATTORNEY, full_amount=600_000,
            currency="CNY", on_day=clock.today(),
        )  # fmt: skip
        services.deadlines.recompute_stale()
    deadline = db.session.scalars(select(Deadline).where(Deadline.duty).order_by(Deadline.due_on).limit(1)).one()
    at = f"/patents/{matter.public_id}"
    assert ask(sign_in, scene.counsel, f"{at}/costs/{cost.public_id}/reverse", "note") == PAGE
    bulk = "/patents/deadlines/bulk?state=open"
    assert ask(sign_in, scene.counsel, bulk, step="drop", id=deadline.public_id) == PAGE
    page = sign_in(scene.counsel).post(bulk, data={"step": "drop", "id": deadline.public_id}).get_data(as_text=True)
    assert (f'name="id" value="{deadline.public_id}"' in page, 'name="step" value="drop"' in page) == (True, True)
    with transaction():
        event = matter.events[0]
        services.correct(
            scene.counsel, matter, event=event, happened_on=event.happened_on.replace(day=9),
            number=application_number(),
        )  # fmt: skip
        services.deadlines.recompute_stale()
    difference = db.session.scalars(select(DeadlineDifference).limit(1)).one()
    assert ask(sign_in, scene.counsel, f"/patents/differences/{difference.public_id}/discard") == PAGE


def test_a_file_that_is_missing_is_asked_for_at_its_field(scene: Scene, sign_in: SignIn) -> None:
    matter = scene.matter(kind=PatentKind.DESIGN)
    answer = sign_in(scene.lead).post(f"/inventions/{matter.disclosure.public_id}/files", data={})
    page = answer.get_data(as_text=True)
    assert (answer.status_code, 'href="#attachment-file"' in page, "Choose a file." in page) == (422, True, True)
