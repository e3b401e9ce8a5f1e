import datetime as dt
import threading
from collections import Counter

import pytest
from sqlalchemy import func, select

from incubator.core import clock
from incubator.core.audit import AuditEvent
from incubator.core.db import db
from incubator.core.errors import WrongState
from incubator.core.transaction import transaction
from incubator.people import access
from incubator.people.models import Person
from incubator.proposals import jobs, queries, services
from incubator.proposals.models import Proposal, ProposalVersion, TeamMember

pytestmark = pytest.mark.committed


def at_once(app, steps):
    """Run the steps in threads that start together, each in an application context; what each one came to."""
    gate = threading.Barrier(len(steps))
    results = [None] * len(steps)

    def run(index, step):
        with app.app_context():
            gate.wait()
            try:
                with transaction():
                    step()
                results[index] = "done"
            except WrongState:
                results[index] = "wrong state"
            except services.TextMoved:
                results[index] = "text moved"

    threads = [threading.Thread(target=run, args=(index, step)) for index, step in enumerate(steps)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Counter(results)


def events(name):
    return db.session.scalar(select(func.count(AuditEvent.id)).where(AuditEvent.name == name))


def ask(proposal_id, person_id):
    services.ask_team(db.session.get(Person, person_id), db.session.get(Proposal, proposal_id))


def test_twenty_that_hand_in_the_same_proposal_make_one_submission(app, begin, lead):
    proposal = begin()
    ids = proposal.id, lead.id
    assert at_once(app, [lambda: ask(*ids)] * 20) == {"done": 1, "wrong state": 19}
    assert (events("proposal.ask_team"), events("proposal.submit")) == (1, 1)


def test_twenty_proposals_of_one_person_handed_in_at_once_are_each_handed_in_once(app, begin, lead):
    ids = [begin().id for _ in range(20)]
    lead_id = lead.id
    assert at_once(app, [lambda key=key: ask(key, lead_id) for key in ids]) == {"done": 20}
    db.session.rollback()
    frozen = select(func.count(ProposalVersion.id)).where(ProposalVersion.frozen_at.is_not(None))
    assert (events("proposal.submit"), db.session.scalar(frozen)) == (20, 20)


def test_fifty_people_hand_in_in_the_closing_minute_and_none_is_lost_late_or_doubled(app, make, begin, call, sign_in):
    """Over HTTP, each with a browser of their own."""
    pairs = [(person, begin(actor=person)) for person in (make.person(call.company) for _ in range(50))]
    browsers = [(sign_in(person, app.test_client()), f"/proposals/{one.public_id}") for person, one in pairs]
    with transaction():
        db.session.get(type(call), call.id).closes_at = clock.now() + dt.timedelta(minutes=1)
    gate, came_to = threading.Barrier(len(browsers)), []

    def hand_in(browser, at):
        with app.app_context():
            gate.wait()
            came_to.append(browser.post(f"{at}/ask-team").location == f"{at}/receipt")

    threads = [threading.Thread(target=hand_in, args=pair) for pair in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(came_to) == {True: 50}
    db.session.rollback()
    closes_at = db.session.get(type(call), call.id).closes_at
    rows = db.session.execute(select(Proposal.state, Proposal.submitted_at)).all()
    assert Counter(row.state for row in rows) == {"submitted": 50}
    assert [row.submitted_at for row in rows if row.submitted_at >= closes_at] == []
    assert (events("proposal.submit"), events("proposal.ask_team")) == (50, 50)


def test_the_last_consents_at_once_hand_in_once(app, make, begin, lead, call):
    mates = [make.person(call.company) for _ in range(6)]
    proposal = begin(dict.fromkeys(mates, 1000))
    with transaction():
        services.ask_team(lead, proposal)
    members = [(mate.id, queries.own_share(mate, proposal).id) for mate in mates]

    def accept(person_id, member_id):
        services.accept_share(db.session.get(Person, person_id), db.session.get(TeamMember, member_id))

    assert at_once(app, [lambda pair=pair: accept(*pair) for pair in members * 2]) == {"done": 6, "wrong state": 6}
    db.session.rollback()
    assert (events("proposal.accept_share"), events("proposal.submit")) == (6, 1)


def test_two_saves_of_the_same_revision_keep_one(app, begin, lead):
    proposal = begin()
    ids = proposal.id, lead.id

    def save(title):
        services.save(
            db.session.get(Person, ids[1]), db.session.get(Proposal, ids[0]), title=title, answers={}, theme=None,
            asked=None, revision=2,
        )  # fmt: skip

    assert at_once(app, [lambda n=n: save(f"Tab {n}") for n in range(8)]) == {"done": 1, "text moved": 7}


def test_lapse_and_handing_in_exclude_each_other(app, begin, lead, call):
    ids = [begin().id for _ in range(10)]
    lead_id, begun_at = lead.id, clock.now()
    with transaction():
        call.closes_at = clock.now() - jobs.GRACE
    early = call.closes_at - dt.timedelta(seconds=1)
    assert begun_at > early

    def hand_in(key):
        actor, proposal = db.session.get(Person, lead_id), db.session.get(Proposal, key)
        services.ask_team(actor, proposal, begun_at=early)

    lapsed = []
    job = threading.Thread(target=lambda: run_job(app, lapsed))
    job.start()
    came_to = at_once(app, [lambda key=key: hand_in(key) for key in ids])
    job.join()
    db.session.rollback()
    states = Counter(db.session.scalars(select(Proposal.state)))
    assert came_to["done"] == states["submitted"] == events("proposal.submit")
    assert came_to["wrong state"] == states["lapsed"] == events("proposal.lapse") == sum(lapsed)
    assert states.total() == 10


def run_job(app, lapsed):
    with app.app_context():
        for _ in range(20):
            lapsed.append(jobs.lapse_due())


def test_of_answers_kept_at_once_in_many_tabs_the_first_stands_and_the_others_are_told(app, make, in_screening, lead):
    proposal = in_screening()
    chair = next(one.person for one in proposal.call.committee.members)
    with make.acting():
        services.open_review(proposal)
        access.allow(chair.id, proposal, "committee")
    with transaction():
        asked = [services.Asked("How much heat?")]
        services.ask(chair, proposal, questions=asked, due_on=clock.today() + dt.timedelta(days=7))
    ids, read = (lead.id, proposal.id), threading.Barrier(6)

    def keep(text):
        person, one = db.session.get(Person, ids[0]), db.session.get(Proposal, ids[1])
        stands = queries.open_clarification(one)  # held, as a page holds it
        revision = stands.revision
        read.wait()
        services.keep_answers(person, one, answers={1: text}, revision=revision)

    steps = [lambda text=str(n): keep(text) for n in range(6)]
    assert at_once(app, steps) == {"done": 1, "text moved": 5}
