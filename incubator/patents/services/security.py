"""The security review before an invention made in China is filed abroad: asked for, answered, a block until then."""

import datetime as dt

from flask_babel import gettext as _
from sqlalchemy import select

from incubator.core import audit, clock
from incubator.core.actions import action
from incubator.core.db import db
from incubator.core.errors import Invalid, WrongState
from incubator.patents.engines import security as engine
from incubator.patents.models import Matter, SecurityReview
from incubator.patents.services.holding import hold
from incubator.patents.services.texts import limited
from incubator.patents.states import SECURITY_REVIEW, SecurityState
from incubator.people.models import Person


def begin(matter: Matter, *, cause_id: int) -> SecurityReview | None:
    """Start the review that a matter waits for, once an invention; None where none is needed."""
    disclosure = matter.disclosure
    if not _is_needed(matter) or _of(matter) is not None:
        return None
    review = SecurityReview(disclosure=disclosure, company=disclosure.company)
    audit.created(review, cause_id=cause_id, payload={"matter": matter.number})
    return review


def require_clearance(matter: Matter) -> None:
    """Raise WrongState for an application abroad that the office has not cleared. The database holds it too."""
    review = _of(matter)
    if _is_needed(matter) and (review is None or review.state != SecurityState.CLEARED):
        raise WrongState(
            _(
                "This invention was made in China: before it is filed abroad, the security review must clear it "
                "(Patent Law, Art. 19). Record the clearance first."
            )
        )


def _is_needed(matter: Matter) -> bool:
    made_in_china = matter.disclosure.made_in_china
    return engine.is_needed(office=matter.office, kind=matter.kind, made_in_china=made_in_china)


def _of(matter: Matter) -> SecurityReview | None:
    return db.session.scalar(select(SecurityReview).where(SecurityReview.disclosure_id == matter.disclosure_id))


@action("security_review.request")
def request_review(
    actor: Person, review: SecurityReview, *, requested_on: dt.date, request_number: str = "", evidence: str = ""
) -> None:
    """Record that the office was asked. Raises Invalid at requested_on for a day to come."""
    hold(review.disclosure)
    _check_past(requested_on, "requested_on")
    review.requested_on, review.request_number = requested_on, request_number.strip()
    review.evidence = limited(evidence, "evidence")
    SECURITY_REVIEW.move(review, "request", payload={"on": requested_on.isoformat()})


@action("security_review.notify")
def record_notice(
    actor: Person, review: SecurityReview, *, notified_on: dt.date, extended: bool = False, evidence: str = ""
) -> None:
    """Record the office's notice that it examines further; silence clears nothing from then on."""
    hold(review.disclosure)
    _check_past(notified_on, "notified_on")
    _check_after_request(review, notified_on, "notified_on")
    review.notified_on, review.extended = notified_on, extended
    review.evidence = limited(evidence, "evidence") or review.evidence
    SECURITY_REVIEW.move(review, "notify", payload={"on": notified_on.isoformat(), "extended": extended})


@action("security_review.clear")
def clear_review(
    actor: Person,
    review: SecurityReview,
    *,
    decided_on: dt.date,
    by_silence: bool = False,
    extended: bool = False,
    evidence: str = "",
) -> None:
    """Record that the invention may go abroad: by the office's decision, or because no notice came in time.

    Raises Invalid at decided_on for a day to come, before the request, or on which silence says nothing yet.
    """
    hold(review.disclosure)
    _check_past(decided_on, "decided_on")
    _check_after_request(review, decided_on, "decided_on")
    if by_silence:
        _check_silence(review, decided_on, extended=extended)
    review.decided_on, review.by_silence, review.extended = decided_on, by_silence, extended or review.extended
    review.evidence = limited(evidence, "evidence") or review.evidence
    SECURITY_REVIEW.move(review, "clear", payload={"on": decided_on.isoformat(), "by_silence": by_silence})


@action("security_review.refuse")
def refuse_review(actor: Person, review: SecurityReview, *, decided_on: dt.date, evidence: str = "") -> None:
    """Record that the office keeps the invention in the country."""
    hold(review.disclosure)
    _check_past(decided_on, "decided_on")
    _check_after_request(review, decided_on, "decided_on")
    review.decided_on = decided_on
    review.evidence = limited(evidence, "evidence") or review.evidence
    SECURITY_REVIEW.move(review, "refuse", payload={"on": decided_on.isoformat()})


def _check_past(day: dt.date, field: str) -> None:
    if day > clock.today():
        raise Invalid(_("This day is yet to come; record what has happened."), field=field)


def _check_after_request(review: SecurityReview, day: dt.date, field: str) -> None:
    if review.requested_on is None:
        raise WrongState(_("Record the request first."))
    if day < review.requested_on:
        on = review.requested_on.isoformat()
        raise Invalid(_("The office was asked on %(day)s; its answer cannot lie before that.", day=on), field=field)


def _check_silence(review: SecurityReview, day: dt.date, *, extended: bool) -> None:
    if review.state == SecurityState.NOTIFIED or review.requested_on is None:
        raise Invalid(_("The office has given notice, so its decision must be awaited."), field="by_silence")
    first = engine.silence_clears_from(review.requested_on, extended=extended)
    if day < first:
        words = _("No notice in time clears it from %(day)s at the earliest (Rule 9).", day=first.isoformat())
        raise Invalid(words, field="decided_on")
