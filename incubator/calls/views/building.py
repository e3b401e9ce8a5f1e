"""Building a call's form: sections and questions as data, shown as the proposer will see them."""

from collections.abc import Callable

from flask import render_template, request
from flask.typing import ResponseReturnValue

from incubator.calls import queries, services
from incubator.calls.engines import building
from incubator.calls.forms import FieldForm, SectionForm, field_form
from incubator.calls.models import Call
from incubator.calls.states import CallState
from incubator.calls.templates import TEMPLATES, FormTemplate
from incubator.calls.views.routes import bp
from incubator.people.session import me
from incubator.web.views import load, see_other


@bp.get("/manage/<public_id>/form", right="call.change_form")
def form(public_id: str) -> ResponseReturnValue:
    """The form of a draft, and what can be put into it; a published call's stands."""
    call = load(queries.managed_by(me()), public_id)
    if call.state is not CallState.DRAFT:
        return see_other(f"/calls/{public_id}")
    return _page(call)


def _page(call: Call, section: SectionForm | None = None, question: FieldForm | None = None) -> ResponseReturnValue:
    template, refused = FormTemplate.of(call.form), section or question
    page = {
        "call": call, "sections": template.sections, "templates": list(TEMPLATES), "refused": refused,
        "section": section or SectionForm(formdata=None), "question": question or field_form(template, formdata=None),
    }  # fmt: skip
    html = render_template("calls/form.html", has_errors=refused is not None, **page)
    return html, refused.status if refused else 200


def _change(public_id: str, change: Callable[[FormTemplate], FormTemplate]) -> ResponseReturnValue:
    call = load(queries.managed_by(me()), public_id)
    services.change_form(me(), call, form=change(FormTemplate.of(call.form)))
    return see_other(f"/calls/manage/{public_id}/form")


@bp.post("/manage/<public_id>/form/section", right="call.change_form")
def add_section(public_id: str) -> ResponseReturnValue:
    """A new section at the end."""
    call, given = load(queries.managed_by(me()), public_id), SectionForm()
    if given.validate() and given.accepts(lambda: _with_section(call, given)):
        return see_other(f"/calls/manage/{public_id}/form")
    return _page(call, section=given)


def _with_section(call: Call, given: SectionForm) -> None:
    services.change_form(me(), call, form=building.with_section(FormTemplate.of(call.form), given.title))


def _with_question(call: Call, template: FormTemplate, given: FieldForm) -> None:
    made = building.with_field(template, given.section.data, given.spec(template))
    services.change_form(me(), call, form=made)


@bp.post("/manage/<public_id>/form/question", right="call.change_form")
def add_question(public_id: str) -> ResponseReturnValue:
    """A new question at the end of a section."""
    call = load(queries.managed_by(me()), public_id)
    template = FormTemplate.of(call.form)
    given = field_form(template)
    if given.validate() and given.accepts(lambda: _with_question(call, template, given)):
        return see_other(f"/calls/manage/{public_id}/form")
    return _page(call, question=given)


@bp.post("/manage/<public_id>/form/arrange", right="call.change_form")
def arrange(public_id: str) -> ResponseReturnValue:
    """Move a question up, take one or a section out, or begin from a template."""
    given = {name: request.form.get(name, "") for name in ("up", "out", "section", "template")}
    if given["template"] in TEMPLATES:
        return _change(public_id, lambda _form: TEMPLATES[given["template"]])
    if given["up"]:
        return _change(public_id, lambda one: building.raised(one, given["up"]))
    if given["section"]:
        return _change(public_id, lambda one: building.without_section(one, given["section"]))
    return _change(public_id, lambda one: building.without(one, given["out"]))
