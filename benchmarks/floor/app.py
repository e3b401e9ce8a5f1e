"""A minimal Flask page under the product's gunicorn settings: one indexed query with psycopg, 50 rows by Jinja.

No session, no rights, no languages, no frame around the page, no ORM: connections are pooled, and the reading one
commits by itself, so that a page is one round trip to PostgreSQL. The POST inserts one row, commits and redirects.
"""

import os
import queue
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from flask import Flask, redirect, render_template, request
from werkzeug.wrappers import Response

Connection = psycopg.Connection[Any]
LIST = (
    "SELECT public_id, number, title, state, company, lead, asked, submitted_at FROM floor_item "
    "ORDER BY submitted_at DESC LIMIT 50"
)
ADD = "INSERT INTO floor_note (words) VALUES (%s)"
MAKE = """
CREATE TABLE floor_item AS
SELECT p.public_id, p.number, p.title, p.state, c.name ->> 'en' AS company, l.name AS lead, p.asked, p.submitted_at
  FROM proposal p JOIN company c ON c.id = p.company_id JOIN person l ON l.id = p.lead_id;
CREATE INDEX ON floor_item (submitted_at);
CREATE TABLE floor_note (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, words text NOT NULL);
ANALYZE floor_item
"""
"""What the floor reads: as many rows as the product has proposals, as the list of the product shows them."""

app = Flask(__name__)
_idle: queue.LifoQueue[Connection] = queue.LifoQueue()


@contextmanager
def connection() -> Iterator[Connection]:
    """A connection out of the pool; a thread that finds none opens one."""
    try:
        found = _idle.get_nowait()
    except queue.Empty:
        found = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
    try:
        yield found
    finally:
        _idle.put(found)


@app.get("/")
def index() -> str:
    """Fifty rows."""
    with connection() as found:
        rows = found.execute(LIST).fetchall()
    return render_template("list.html", rows=rows)


@app.post("/notes")
def add() -> Response:
    """One row."""
    with connection() as found, found.transaction():
        found.execute(ADD, (request.form["words"],))
    return redirect("/", 303)


@app.get("/live")
def live() -> str:
    """The process answers."""
    return "live"
