import pytest
from sqlalchemy import event

from incubator.calls.templates import IDEA
from incubator.core.db import db
from incubator.core.transaction import transaction
from incubator.people.models import Role
from incubator.proposals import queries, services

ANSWERS = {"summary": "Reuse the heat.", "problem": "Heat is lost.", "fit": "Two plants.", "cloud_use": "A model."}


@pytest.fixture
def call(make):
    return make.call(form=IDEA.as_data())


@pytest.fixture
def lead(make, call):
    return make.person(call.company, name="Zhao Min")


@pytest.fixture
def office(make, call):
    return make.person(call.company, Role.OFFICE, name="He Wen")


@pytest.fixture
def begin(call, lead):
    """A complete draft, alone or with a team: shares by person, in basis points, the lead has the rest."""

    def act(shares=None, *, title="Heat from server rooms", answers=ANSWERS, actor=lead, lang="en"):
        with transaction():
            proposal = services.create_draft(actor, call, lang=lang)
        with transaction():
            services.save(
                actor, proposal, title=title, answers=answers, theme=call.themes[0].theme, asked=24_000_000,
                revision=queries.newest(proposal).revision,
            )  # fmt: skip
        if shares:
            rest = 10_000 - sum(shares.values())
            members = [services.Share(actor, "Lead", rest)]
            members += [services.Share(person, "Mate", share) for person, share in shares.items()]
            with transaction():
                services.set_team(actor, proposal, members=members)
        return proposal

    return act


@pytest.fixture
def handed_in(begin, lead):
    """A proposal that its lead has handed in alone."""

    def act(**details):
        proposal = begin(**details)
        with transaction():
            return services.ask_team(details.get("actor", lead), proposal)

    return act


@pytest.fixture
def in_screening(handed_in, office):
    """A proposal in the eligibility check."""

    def act(**details):
        proposal = handed_in(**details)
        with transaction():
            return services.screen(office, proposal)

    return act


@pytest.fixture
def statements(app):
    """Counts SQL statements while it is entered."""
    seen = []

    def note(_connection, _cursor, statement, *_rest):
        if not statement.startswith(("SET ", "SAVEPOINT", "RELEASE", "ROLLBACK")):
            seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield seen
    event.remove(db.engine, "before_cursor_execute", note)
