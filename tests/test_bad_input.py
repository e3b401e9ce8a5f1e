"""Odd input: every field of every form, every key of every address and every query parameter, with values that break
programs. The answer is a page that says so (or the step is taken): never a failure."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from incubator.core.db import db
from incubator.web.routes import SAFE_METHODS
from tests import world as worlds
from tests.make import Make
from tests.test_rights import EXPECTED, undone
from tests.world import World

ODD: dict[str, Any] = {
    "NUL": "a\x00b",
    "long": "x" * 20_000,
    "huge number": "9" * 40,
    "exponent": "1e999999",
    "tiny": "1e-999999",
    "not a number": "NaN",
    "superscript": "²",
    "negative": "-1",
    "first year": "0001-01-01",
    "last year": "9999-12-31",
    "no such day": "2026-02-30",
    "invalid UTF-8": b"\xff\xfe",
    "twice": ["a", "b"],
    "brackets": '{"a": [1]}',
    "empty": "",
}
MORE: dict[str, tuple[str, ...]] = {
    "calls.create_call": ("committee", "rubric", "rule"),
    "calls.update_call": ("committee", "rubric", "rule"),
    "cloud.order": (),
    "equity.create_plan": ("person",),
    "notifications.read_all": (),
    "patents.disclose": ("prior_art", "published_on", "planned_on", "lang", "shares-²-share", "shares-99999999-share"),
    "patents.change_shares": ("shares-²-share", "shares-99999999-share", "shares--1-share"),
    "patents.correct": ("evidence",),
    "patents.record_examination": ("evidence",),
    "patents.record_filing": ("evidence",),
    "patents.record_grant": ("evidence",),
    "patents.record_publication": ("evidence",),
    "people.open_session": ("login", "password", "next"),
    "people.set_language": ("language", "next"),
    "people.set_theme": ("theme", "next"),
    "proposals.add_member": ("part",),
    "proposals.autosave": ("theme", "asked", "overwrite", "answer_summary"),
    "proposals.return_": ("due_on",),
    "proposals.save": ("theme", "asked", "overwrite", "answer_summary", "check"),
    "proposals.set_team": (),
    "proposals.withdraw": ("reason",),
    "reviews.autosave": ("note_team", "private_note", "version"),
    "reviews.declare": ("statement",),
    "reviews.put_to_committee": ("reviewers",),
    "reviews.save": ("note_team", "private_note", "version"),
    "reviews.seal": ("note_team", "private_note", "version"),
}


@pytest.fixture
def world(make: Make) -> World:
    return worlds.build(make)


def members(world: World) -> dict[str, str]:
    """The fields of a team's form."""
    key = world.things["author_id"]
    return {f"part_{key}": "Lead", f"share_{key}": "100"}


def test_explore(app: Flask, client: FlaskClient, world: World, make: Make) -> None:
    import collections, traceback, time
    t=time.time()
    app.config["PROPAGATE_EXCEPTIONS"] = True
    tokens = {name: make.session_for(person) for name, person in world.people.items()}
    connection = db.session.connection(); db.session.remove()
    bad = collections.defaultdict(list)
    n=0
    def hit(method, token, address, label, **kw):
        nonlocal n
        n+=1
        b = app.test_client(); b.set_cookie("session", token, domain="localhost")
        with undone(connection):
            try:
                r = b.open(address, method=method, **kw)
                if r.status_code >= 500: bad[f"status {r.status_code}"].append(label)
            except BaseException as e:
                tb = traceback.extract_tb(e.__traceback__)
                mine = [f for f in tb if "/work/main/incubator" in f.filename and "app.py" not in f.filename]
                where = f"{mine[-1].filename.replace('/work/main/','')}:{mine[-1].lineno}" if mine else "?"
                bad[f"{type(e).__name__} {str(e).splitlines()[0][:110]} @ {where}"].append(label)
    for rule in list(app.url_map.iter_rules()):
        if rule.endpoint == "static": continue
        post = "POST" in rule.methods
        if post:
            step = EXPECTED[rule.endpoint]
            who = sorted(step.allowed - {"stranger"})[0]
            body = step.body(world)
            if rule.endpoint == "proposals.set_team": body = members(world)
            if rule.endpoint.startswith("calls."): body["budget_" + world.things["theme"]] = "100"
            body |= {k: "" for k in MORE.get(rule.endpoint, ())} if False else {}
            values = {k: world.things[v] for k, v in step.things.items()}
            address = rule.build(values, append_unknown=False)[1]
            q = {k: world.things[v] for k, v in step.query.items()}
            base = dict(body)
            for f in [*body, *MORE.get(rule.endpoint, ())]:
                for name, v in ODD.items():
                    hit("POST", tokens[who], address, f"{rule.endpoint} {f} {name}", data={**base, f: v}, query_string=q)
        for arg in rule.arguments:
            for name in ("%00", "x" * 5000, "%ff%fe", "9"*30, "..", "a%0ab", "%F0%9F%92%A9"):
                for who in ("office","hr","ip_counsel","auditor","reviewer","cloud_operator","employee"):
                    path = rule.rule
                    for a in rule.arguments: path = path.replace(f"<{a}>", name)
                    hit("POST" if post else "GET", tokens[who], path, f"{rule.rule} {name[:10]}")
    for rule in app.url_map.iter_rules():
        if "GET" in rule.methods and not rule.arguments:
            for f in ("q", "before", "after", "theme", "all", "state", "show", "company", "venture", "next", "replay", "sort", "page", "lang"):
                for name in ("%00", "%ff", "9"*40, "-1", "9223372036854775807", "9999999999999999-aaaaaaaaaaaaaaaa", "0-aaaaaaaaaaaaaaaa", "-9223372036854775809", "x"*3000, '"', "(", "!", ":*", "%C2%B2", "V-AAAAAA%00"):
                    for who in ("office","hr"):
                        hit("GET", tokens[who], f"{rule.rule}?{f}={name}", f"{rule.rule} {f} {name[:20]}")
    for r in ("decided_round", "round"):
        for pg in ("", "/decision"):
            for f in ("after","before","theme","all","replay"):
                for name in ("%00", "%ff", "1", "x"*3000):
                    hit("GET", tokens["office"], f"/rounds/{world.things[r]}{pg}?{f}={name}", f"round{pg} {f} {name[:10]}")
    for w, l in sorted(bad.items(), key=lambda x: -len(x[1])):
        print(len(l), w, "\n      ", l[:6])
    print(n, time.time()-t)
    raise SystemExit
