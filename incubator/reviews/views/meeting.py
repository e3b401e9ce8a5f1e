"""The meeting of a committee: one page for the table, and the steps of chair and members."""

from collections.abc import Callable
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from incubator.core import clock
from incubator.people.models import Person
from incubator.people.session import me
from incubator.reviews import queries, services
from incubator.reviews.forms import MinutesForm, VoteForm
from incubator.reviews.models import Meeting, MeetingItem, Round
from incubator.reviews.views.reviewing import bp
from incubator.web.forms import Form
from incubator.web.routes import SIGNED_IN
from incubator.web.views import load, see_other


@bp.get("/rounds/<public_id>/meeting", right=SIGNED_IN)
def meeting(public_id: str) -> ResponseReturnValue:
    """The agenda, who is at the table and who must leave, and the proposal that is talked about."""
    return _page(load(queries.tables_visible_to(me()), public_id))


@bp.post("/rounds/<public_id>/meeting", right="meeting.convene")
def convene(public_id: str) -> ResponseReturnValue:
    """Open the meeting."""
    services.convene(me(), load(queries.tables_visible_to(me()), public_id))
    return see_other(f"/rounds/{public_id}/meeting")


@bp.post("/rounds/<public_id>/meeting/presence", right="meeting.note_presence")
def note_presence(public_id: str) -> ResponseReturnValue:
    """Who is at the table."""
    here = [key.replace("\x00", "") for key in request.form.getlist("here")]
    return _on_meeting(public_id, lambda one: services.note_presence(me(), one, here=here))


@bp.post("/rounds/<public_id>/meeting/end", right="meeting.end")
def end_meeting(public_id: str) -> ResponseReturnValue:
    """The meeting is over."""
    return _on_meeting(public_id, lambda one: services.end(me(), one))


def _on_meeting(public_id: str, step: Callable[[Meeting], Any]) -> ResponseReturnValue:
    round_ = load(queries.tables_visible_to(me()), public_id)
    found = queries.meeting_of(round_)
    if found is not None:
        step(found)
    return see_other(f"/rounds/{public_id}/meeting")


@bp.post("/agenda/<public_id>/open", right="meeting.open_item")
def open_item(public_id: str) -> ResponseReturnValue:
    """Turn to a proposal."""
    return _on_item(public_id, services.open_item)


@bp.post("/agenda/<public_id>/vote-again", right="meeting.vote_again")
def vote_again(public_id: str) -> ResponseReturnValue:
    """A second vote, with the minutes as they are written by now."""

    def step(actor: Person, item: MeetingItem, **minutes: Any) -> None:
        services.note(actor, item, **minutes)
        services.vote_again(actor, item)

    return _with_form(public_id, MinutesForm(), step)


@bp.post("/agenda/<public_id>/move", right="meeting.move_item")
def move_item(public_id: str) -> ResponseReturnValue:
    """Earlier or later on the agenda."""
    up = request.form.get("to") == "up"
    return _on_item(public_id, lambda actor, item: services.move_item(actor, item, up=up))


def _on_item(public_id: str, step: Callable[..., Any]) -> ResponseReturnValue:
    item = load(queries.items_visible_to(me()), public_id)
    step(me(), item)
    return see_other(f"/rounds/{item.round.public_id}/meeting")


@bp.post("/agenda/<public_id>/note", right="meeting.note")
def note_item(public_id: str) -> ResponseReturnValue:
    """Write the minutes."""
    return _with_form(public_id, MinutesForm(), services.note)


@bp.post("/agenda/<public_id>/close", right="meeting.close_item")
def close_item(public_id: str) -> ResponseReturnValue:
    """Write the minutes and go on."""
    return _with_form(public_id, MinutesForm(), services.close_item)


@bp.post("/agenda/<public_id>/vote", right="meeting.vote")
def vote(public_id: str) -> ResponseReturnValue:
    """Vote."""
    return _with_form(public_id, VoteForm(), services.vote)


def _with_form(public_id: str, form: Form, step: Callable[..., Any]) -> ResponseReturnValue:
    item: MeetingItem = load(queries.items_visible_to(me()), public_id)
    if form.validate_on_submit() and form.accepts(lambda: step(me(), item, **form.values)):
        return see_other(f"/rounds/{item.round.public_id}/meeting")
    return _page(load(queries.tables_visible_to(me()), item.round.public_id), form)


def _page(round_: Round, form: Form | None = None) -> tuple[str, int]:
    found = queries.meeting_of(round_)
    values: dict[str, Any] = {"round": round_, "meeting": found, "form": form, "has_errors": form is not None}
    if found is not None:
        values |= _values(found, form)
    return render_template("reviews/meeting.html", **values), 422 if form else 200


def _values(found: Meeting, form: Form | None) -> dict[str, Any]:
    items, members = queries.agenda(found, me()), queries.at_table(found)
    now = next((item for item in items if item.opened_at and not item.closed_at), None)
    values: dict[str, Any] = {"items": items, "members": members, "votes": queries.votes_of(found, me()), "now": now}
    if now is None:
        return values
    out = queries.must_leave(found, now.proposal_id)
    minutes = form if isinstance(form, MinutesForm) else None
    return values | {
        "out": out,
        "used": int((clock.now() - now.opened_at).total_seconds() // 60),
        "minutes_form": minutes or MinutesForm(formdata=None, data={"minutes": now.minutes, "allotted": now.allotted}),
        "vote_form": form if isinstance(form, VoteForm) else VoteForm(formdata=None),
        "leads": me().id not in out and _leads(members, out),
        "may_vote": me().id not in out and any(row.id == me().id and row.is_here for row in members),
        "voters": {row.id for row in members if row.is_here} - out,
    }


def _leads(members: list[Any], out: set[int]) -> bool:
    """The chair, or any member where the chair must leave the room."""
    chair = next((row.id for row in members if row.seat == "chair"), None)
    sits = any(row.id == me().id for row in members)
    return sits and (chair is None or chair in out or chair == me().id)
