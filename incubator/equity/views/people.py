"""The page of one person for HR: grants, what vests next, steps and payments."""

from flask import render_template
from flask.typing import ResponseReturnValue

from incubator.equity import queries
from incubator.equity.pages import life
from incubator.equity.tables import PERSON_GRANTS
from incubator.equity.views.routes import bp
from incubator.people.models import Person
from incubator.people.session import me
from incubator.web import sheets
from incubator.web.views import load


def holder_of(public_id: str) -> Person:
    """Somebody who holds or held a grant in the reader's care."""
    return load(queries.holders_administered(me()), public_id)


@bp.get("/equity/people/<public_id>", right="equity.person")
def show_person(public_id: str) -> ResponseReturnValue:
    """All of one person's equity in my care."""
    return render_template("equity/show_person.html", **life.person_page(me(), holder_of(public_id)))


@bp.get("/equity/people/<public_id>/export", right="equity_person.export", records="equity_person.export")
def export_person(public_id: str) -> ResponseReturnValue:
    """The same grants as a table (XLSX); who took it is recorded."""
    holder = holder_of(public_id)
    rows = life.person_rows(me(), holder)
    return sheets.download(sheets.xlsx("grants", PERSON_GRANTS, rows), f"equity-{holder.hr_number}.xlsx")
