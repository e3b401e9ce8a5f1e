"""What happens to applications after the filing: sisters abroad, an office action, planned costs, deadlines."""

import datetime as dt

from sqlalchemy import select

from incubator.core import clock
from incubator.core.db import db
from incubator.demo.stage import YUAN, Stage
from incubator.patents import services
from incubator.patents.engines.deadlines import ServiceMode, add_months
from incubator.patents.engines.numbers import PatentKind, ep_check_digit
from incubator.patents.models import CostPurpose, CostStage, Deadline, Matter, MatterEventKind, Office, SecurityReview
from incubator.patents.states import MatterState
from incubator.people.models import Person

K = MatterEventKind


def plan(stage: Stage) -> None:
    """Put the steps into the diary, after the last filing."""
    stage.diary.on(-5, lambda: _follow(stage.story["counsel"]))
    stage.diary.on(-4, services.deadlines.recompute_stale)
    stage.diary.on(-3, lambda: _close_priorities(stage))


def _follow(counsel: Person) -> None:
    filed = list(db.session.scalars(select(Matter).where(Matter.filed_on.is_not(None)).order_by(Matter.id)))
    _go_abroad(counsel, next(one for one in filed if one.kind is PatentKind.INVENTION))
    _ask_to_go_abroad(counsel, next(one for one in filed if one.state is MatterState.PUBLISHED))
    for months, matter in enumerate(filed, 1):
        _plan_costs(counsel, matter, months)
        if matter.state is MatterState.EXAMINATION:
            on = clock.today() - dt.timedelta(days=12)
            services.record(
                counsel,
                matter,
                kind=K.REQUEST_EXAMINATION,
                happened_on=on - dt.timedelta(days=2),
                evidence="Form 110401",
            )
            services.record(
                counsel, matter, kind=K.NOTICE, happened_on=on, service_mode=ServiceMode.ELECTRONIC,
                evidence="First office action, two documents cited",
            )  # fmt: skip


def _go_abroad(counsel: Person, first: Matter) -> None:
    """The same invention at the European Patent Office, within the year of priority."""
    if first.filed_on is None:
        raise LookupError("an application abroad claims the priority of one that is filed")
    european = services.add_matter(counsel, first.family, office=Office.EPO, kind=PatentKind.INVENTION)
    _clear(counsel, european, first.filed_on)
    digits = f"{first.filed_on.year % 100 + 1:02}731205"
    services.record(
        counsel, european, kind=K.PRIORITY, happened_on=first.filed_on, number=first.application_number or ""
    )
    services.record(
        counsel, european, kind=K.FILE, happened_on=add_months(first.filed_on, 11),
        number=f"EP{digits}.{ep_check_digit(digits)}",
    )  # fmt: skip


def _ask_to_go_abroad(counsel: Person, at_home: Matter) -> None:
    """An American sister is prepared; until the office has cleared the invention it is not filed."""
    american = services.add_matter(counsel, at_home.family, office=Office.USPTO, kind=PatentKind.INVENTION)
    services.request_review(
        counsel, _review(american), requested_on=clock.today() - dt.timedelta(days=20), request_number="BM-1118",
        evidence="Receipt",
    )  # fmt: skip


def _review(abroad: Matter) -> SecurityReview:
    found = select(SecurityReview).where(SecurityReview.disclosure_id == abroad.disclosure_id)
    return db.session.scalars(found).one()


def _clear(counsel: Person, abroad: Matter, filed_on: dt.date) -> None:
    """Asked for soon after the filing at home, the office lets it go abroad."""
    review = _review(abroad)
    services.request_review(
        counsel, review, requested_on=filed_on + dt.timedelta(days=15), request_number="BM-0731", evidence="Receipt"
    )
    services.clear_review(counsel, review, decided_on=add_months(filed_on, 4), evidence="Decision of the office")


def _close_priorities(stage: Stage) -> None:
    """What became of the priorities whose year is over: one was claimed abroad, the others were let pass by two."""
    counsel = stage.story["counsel"]
    over = select(Deadline).where(
        Deadline.key.startswith("cn.patent.deadline.priority"), Deadline.due_on < clock.today()
    )  # fmt: skip
    for deadline in list(db.session.scalars(over.order_by(Deadline.id))):
        matter = deadline.matter
        sister = next((one for one in matter.family.matters if one.filed_on and one.id != matter.id), None)
        if sister is not None and sister.filed_on is not None:
            said = f"Claimed by {sister.application_number}"
            services.deadlines.complete(counsel, deadline, done_on=sister.filed_on, evidence=said)
            continue
        services.deadlines.propose_drop(counsel, deadline, reason="Protection in China is enough for this one.")
        services.deadlines.drop(_second(stage, matter), deadline)


def _second(stage: Stage, matter: Matter) -> Person:
    """Who signs with the counsel: chemicals has a counsel of its own, elsewhere the office signs."""
    own = matter.company.path.startswith(stage.companies["chem"].path)
    return stage.people["tao_ran"] if own else stage.story["office"]


def _plan_costs(counsel: Person, matter: Matter, later: int) -> None:
    services.add_cost(
        counsel, matter, stage=CostStage.PLANNED, purpose=CostPurpose.ATTORNEY, full_amount=6_000 * YUAN,
        currency="CNY", on_day=add_months(clock.today(), later), note="Answer to the office",
    )  # fmt: skip
