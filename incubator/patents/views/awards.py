"""Inventors' awards, for HR: calculated by one person, checked by another, handed to payroll."""

from flask import make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from incubator.approvals import queries as approvals
from incubator.core.money import MINOR_DIGITS
from incubator.patents import queries, services
from incubator.patents.engines.payroll import payroll_file
from incubator.patents.views.routes import bp
from incubator.people.session import me
from incubator.web.keyset import by_key
from incubator.web.views import load, see_other


@bp.get("/awards/", right="award.list")
def awards() -> ResponseReturnValue:
    """All awards in the reader's care."""
    return render_template("patents/awards.html", page=by_key(*queries.award_list(me())))


@bp.get("/awards/<public_id>", right="award.show")
def award(public_id: str) -> ResponseReturnValue:
    """One award with its calculation, its signatures and its payroll lines."""
    found = load(queries.award_page(me()), public_id)
    return render_template(
        "patents/award.html", award=found, approval=approvals.latest_of(found), lines=queries.payroll_lines(found)
    )


@bp.post("/awards/<public_id>/calculate", right="award.calculate")
def calculate(public_id: str) -> ResponseReturnValue:
    """Compute it and put it to a second person."""
    services.calculate(me(), load(queries.awards_visible_to(me()), public_id))
    return see_other(url_for("patents.award", public_id=public_id))


@bp.post("/awards/<public_id>/approve", right="award.approve")
def approve(public_id: str) -> ResponseReturnValue:
    """Sign it as the second person."""
    services.approve(me(), load(queries.awards_visible_to(me()), public_id))
    return see_other(url_for("patents.award", public_id=public_id))


@bp.post("/awards/<public_id>/return", right="award.return")
def send_back(public_id: str) -> ResponseReturnValue:
    """Decline to sign, with a reason."""
    award = load(queries.awards_visible_to(me()), public_id)
    services.send_back(me(), award, reason=request.form.get("reason", ""))
    return see_other(url_for("patents.award", public_id=public_id))


@bp.get("/awards/<public_id>/payroll.csv", right="award.list", records="award.export")
def payroll(public_id: str) -> ResponseReturnValue:
    """The award's payroll lines as a file; the same bytes each time."""
    award = load(queries.awards_visible_to(me()), public_id)
    answer = make_response(payroll_file(queries.payroll_lines(award), MINOR_DIGITS))
    answer.headers["Content-Type"] = "text/csv; charset=utf-8"
    answer.headers["Content-Disposition"] = f"attachment; filename=payroll-{award.number}.csv"
    return answer
