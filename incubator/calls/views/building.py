"""Building a call's form: sections and questions as data, shown as the proposer will see them."""

from collections.abc import Callable
from typing import Any

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from incubator.calls import queries, services
from incubator.calls.engines import building
from incubator.calls.forms import FieldForm, SectionForm, field_form, section_form
from incubator.calls.models import Call
from incubator.calls.states import CallState
from incubator.calls.templates import TEMPLATES, FieldSpec, FormTemplate, Section
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


def _page(
    call: Call, section: SectionForm | None = None, question: FieldForm | None = None, **editing: Any
) -> ResponseReturnValue:
    """editing: the Section or FieldSpec that one of the two forms is to change."""
    template = FormTemplate.of(call.form)
    refused = next((one for one in (section, question) if one is not None and one.errors), None)
    page = {
        "call": call, "sections": template.sections, "templates": list(TEMPLATES), "refused": refused,
        "section": section or SectionForm(formdata=None), "question": question or field_form(template, formdata=None),
        "editing": editing,
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
    section, spec = given.section.data, given.spec(template)
    if given.former is None:
        made = building.with_field(template, section, spec)
    else:
        made = building.replaced(template, given.former.key, section, spec)
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


@bp.get("/manage/<public_id>/form/question/<key>", right="call.change_form")
def question(public_id: str, key: str) -> ResponseReturnValue:
    """A question of a draft as it stands, to be changed."""
    call, template, spec = _asked(public_id, key)
    if call.state is not CallState.DRAFT:
        return see_other(f"/calls/{public_id}")
    return _page(call, question=field_form(template, spec, formdata=None), question_of=spec)


@bp.post("/manage/<public_id>/form/question/<key>", right="call.change_form")
def change_question(public_id: str, key: str) -> ResponseReturnValue:
    """Ask it otherwise; it keeps its place and its key."""
    call, template, spec = _asked(public_id, key)
    given = field_form(template, spec)
    if given.validate() and given.accepts(lambda: _with_question(call, template, given)):
        return see_other(f"/calls/manage/{public_id}/form")
    return _page(call, question=given, question_of=spec)


def _asked(public_id: str, key: str) -> tuple[Call, FormTemplate, FieldSpec]:
    call = load(queries.managed_by(me()), public_id)
    template = FormTemplate.of(call.form)
    spec = (template.fields | template.files).get(key)
    return call, template, spec or abort(404)


@bp.get("/manage/<public_id>/form/section/<key>", right="call.change_form")
def section(public_id: str, key: str) -> ResponseReturnValue:
    """A section's title, to be changed."""
    call, found = _section(public_id, key)
    if call.state is not CallState.DRAFT:
        return see_other(f"/calls/{public_id}")
    return _page(call, section=section_form(found, formdata=None), section_of=found)


@bp.post("/manage/<public_id>/form/section/<key>", right="call.change_form")
def change_section(public_id: str, key: str) -> ResponseReturnValue:
    """Call it otherwise."""
    call, found = _section(public_id, key)
    given = section_form(found)
    if given.validate() and given.accepts(lambda: _rename(call, key, given)):
        return see_other(f"/calls/manage/{public_id}/form")
    return _page(call, section=given, section_of=found)


def _rename(call: Call, key: str, given: SectionForm) -> None:
    services.change_form(me(), call, form=building.renamed(FormTemplate.of(call.form), key, given.title))


def _section(public_id: str, key: str) -> tuple[Call, Section]:
    call = load(queries.managed_by(me()), public_id)
    found = next((one for one in FormTemplate.of(call.form).sections if one.key == key), None)
    return call, found or abort(404)


@bp.post("/manage/<public_id>/form/arrange", right="call.change_form")
def arrange(public_id: str) -> ResponseReturnValue:
    """Move a question or a section up, take one out, or begin from a template."""
    given = {name: request.form.get(name, "") for name in ("up", "out", "section", "section_up", "template")}
    if given["template"] in TEMPLATES:
        return _change(public_id, lambda _form: TEMPLATES[given["template"]])
    if given["up"]:
        return _change(public_id, lambda one: building.raised(one, given["up"]))
    if given["section_up"]:
        return _change(public_id, lambda one: building.section_raised(one, given["section_up"]))
    if given["section"]:
        return _change(public_id, lambda one: building.without_section(one, given["section"]))
    return _change(public_id, lambda one: building.without(one, given["out"]))
