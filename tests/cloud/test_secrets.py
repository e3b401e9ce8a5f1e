"""What a team gets in with, and what we get in with, stands nowhere but encrypted and on the one page that shows it."""

import logging

import pytest
from sqlalchemy import text

from incubator.cloud import services
from incubator.cloud.states import Kind
from incubator.core import outbox, queue
from incubator.core.db import db
from incubator.core.transaction import transaction
from tests.cloud import provider as loopbacks
from tests.cloud.conftest import World
from tests.cloud.test_lifecycle import let_in, mate, ready, run


def _written(caplog: pytest.LogCaptureFixture) -> str:
    """All that was logged, with what only a formatter for machines writes."""
    return "\n".join(f"{record.getMessage()} {vars(record)} {record.exc_text}" for record in caplog.records)


def _queued() -> str:
    redis = queue.connection()
    found = [redis.hgetall(key) for key in redis.keys("rq:job:*")]
    return str(found)


def _kept() -> str:
    """Every row of every table, as text."""
    names = db.session.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).all()
    rows = (db.session.scalars(text(f'SELECT t::text FROM "{name}" t')).all() for name in names)
    return "\n".join(row for found in rows for row in found)


def test_no_log_no_job_and_no_row_holds_a_secret_in_the_clear(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    sandbox = ready(world)
    account = world.loopback.accounts[sandbox.public_id]
    secrets = {loopbacks.TOKEN, account["password"]}
    let_in(world, sandbox, mate(world))
    secrets |= set(account["members"].values())
    for fault in ("garbled", "lost", 500):
        with transaction():
            services.renew_access(world.lead, sandbox)
        outbox.drain()
        world.loopback.faults = [("POST", "/access", fault)]
        run(world, sandbox, Kind.ACCESS)
        secrets.add(account["password"])
        run(world, sandbox, Kind.ACCESS)
        secrets.add(account["password"])
    assert len(secrets) >= 5
    with transaction():
        places = {"log": _written(caplog), "queue": _queued(), "table": _kept()}
    assert all("cloud" in said or sandbox.public_id in said for said in places.values())
    found = {(place, secret) for place, said in places.items() for secret in secrets if secret in said}
    assert found == set()
    with transaction():
        assert services.reveal_secret(world.lead, sandbox).password == account["password"]
