"""Families, anything that happens to an application, and what it costs."""

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from incubator.core.errors import NotFound
from incubator.files.sending import send
from incubator.patents import queries, services
from incubator.patents.forms import AnyEventForm, CostForm, CounselForm, MatterForm, NoteForm, ReductionForm
from incubator.patents.models import Matter
from incubator.patents.views.confirming import recorded
from incubator.patents.views.deadlines import kept
from incubator.patents.views.reasons import why
from incubator.patents.views.routes import bp
from incubator.people.session import me
from incubator.web.formats import money
from incubator.web.forms import Form
from incubator.web.views import load, see_other


@bp.get("/patents/families/<public_id>", right="matter.show")
def family(public_id: str) -> ResponseReturnValue:
    """The applications for one invention at all offices."""
    found = load(queries.families_visible_to(me()), public_id)
    return render_template("patents/family.html", family=found, matters=queries.matters_of(found), form=MatterForm())


@bp.post("/patents/families/<public_id>", right="matter.add")
def add_matter(public_id: str) -> ResponseReturnValue:
    """Prepare one more application."""
    found = load(queries.families_visible_to(me()), public_id)
    form = MatterForm()
    made: list[Matter] = []
    if form.validate_on_submit() and form.accepts(
        lambda: made.append(services.add_matter(me(), found, **form.details))
    ):
        return see_other(url_for("patents.matter", public_id=made[0].public_id))
    matters = queries.matters_of(found)
    return render_template("patents/family.html", family=found, matters=matters, form=form, has_errors=True), 422


@bp.get("/patents/<public_id>/record", right="matter.record")
def record_form(public_id: str) -> ResponseReturnValue:
    """Asks what happened."""
    found = load(queries.matter_page(me()), public_id)
    form = AnyEventForm(formdata=None, kind=request.args.get("kind", "notice"))
    return render_template("patents/record_any.html", matter=found, form=form)


@bp.post("/patents/<public_id>/record", right="matter.record")
def record_event(public_id: str) -> ResponseReturnValue:
    """Record it, with the file that shows it."""
    found = load(queries.matter_page(me()), public_id)
    form = AnyEventForm()
    done, shown = recorded(
        form, found, lambda: services.record(me(), found, **form.details, file=kept(form)), kind=form.kind.data
    )
    if done:
        return see_other(url_for("patents.matter", public_id=public_id))
    page = render_template("patents/record_any.html", matter=found, form=form, **shown)
    return page, shown.get("status", form.status)


@bp.get("/patents/<public_id>/events/<event_id>/file", right="matter.show")
def file_of_event(public_id: str, event_id: str) -> ResponseReturnValue:
    """The file that shows an event."""
    found = load(queries.matter_page(me()), public_id)
    file = next((event.file for event in found.events if event.public_id == event_id), None)
    if file is None:
        raise NotFound(_("There is no such page, or it is not for you to see."))
    return send(file)


@bp.get("/patents/<public_id>/costs", right="matter.show")
def costs(public_id: str) -> ResponseReturnValue:
    """What an application costs, who looks after it, and by how much its fees are reduced."""
    return _costs(load(queries.matter_page(me()), public_id))


def _costs(found: Matter, form: Form | None = None) -> ResponseReturnValue:
    forms = {
        "counsel": CounselForm(formdata=None, counsel=found.counsel.hr_number if found.counsel else ""),
        "reduction": ReductionForm(formdata=None, reduction_bp=found.reduction_bp),
        "cost": CostForm(formdata=None),
    }
    names = {CounselForm: "counsel", ReductionForm: "reduction", CostForm: "cost"}
    if form is not None:
        forms[names[type(form)]] = form
    rows = queries.costs_of(found)
    page = render_template(
        "patents/costs.html", matter=found, costs=rows, form=form, has_errors=form is not None, **forms
    )
    return page, form.status if form is not None else 200


@bp.post("/patents/<public_id>/costs", right="matter_cost.add")
def add_cost(public_id: str) -> ResponseReturnValue:
    """Enter an amount."""
    found = load(queries.matter_page(me()), public_id)
    form = CostForm()
    if form.validate_on_submit() and form.accepts(lambda: services.add_cost(me(), found, **form.details)):
        return see_other(url_for("patents.costs", public_id=public_id))
    return _costs(found, form)


@bp.post("/patents/<public_id>/costs/<cost_id>/reverse", right="matter_cost.reverse")
def reverse_cost(public_id: str, cost_id: str) -> ResponseReturnValue:
    """Undo an amount by a row that reverses it."""
    found, form = load(queries.matter_page(me()), public_id), NoteForm()
    cost, back = queries.cost_in(found, cost_id), url_for("patents.costs", public_id=public_id)
    if form.validate_on_submit() and form.accepts(lambda: services.reverse_cost(me(), found, cost=cost, **form.values)):
        return see_other(back)
    facts = [found.number, money(cost.amount, cost.currency), cost.on_day.isoformat()]
    return why(form, _("Reverse an amount"), _("Reverse"), back=back, crumbs=[(found.number, back)], facts=facts)


@bp.post("/patents/<public_id>/assign", right="matter.assign")
def assign(public_id: str) -> ResponseReturnValue:
    """Let a counsel look after it."""
    found = load(queries.matter_page(me()), public_id)
    form = CounselForm()
    if form.validate_on_submit() and form.accepts(lambda: services.assign(me(), found, **form.values)):
        return see_other(url_for("patents.costs", public_id=public_id))
    return _costs(found, form)


@bp.post("/patents/<public_id>/reduce", right="matter.reduce")
def reduce_fees(public_id: str) -> ResponseReturnValue:
    """Enter by how much the office reduces its fees."""
    found = load(queries.matter_page(me()), public_id)
    form = ReductionForm()
    if form.validate_on_submit() and form.accepts(lambda: services.reduce_fees(me(), found, **form.values)):
        return see_other(url_for("patents.costs", public_id=public_id))
    return _costs(found, form)
