"""What people are to do at providers without an interface."""

from typing import Any

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from incubator.cloud import services
from incubator.cloud.forms.manual import NEEDED, TaskForm, fields_of
from incubator.cloud.market_words import UNITS
from incubator.cloud.models import ManualTask
from incubator.cloud.queries import manual
from incubator.cloud.views.routes import bp
from incubator.people.session import me
from incubator.web.views import load, see_other


@bp.get("/sandboxes/tasks/<public_id>", right="operation.list")
def task(public_id: str) -> ResponseReturnValue:
    """One task: what is to be done, and the form that says it was."""
    return _task_page(load(manual.tasks_for(me()), public_id), TaskForm())


@bp.post("/sandboxes/tasks/<public_id>", right="manual_task.complete")
def complete_task(public_id: str) -> ResponseReturnValue:
    """Say that it is done."""
    found, form = load(manual.tasks_for(me()), public_id), TaskForm()
    if form.validate_on_submit() and form.accepts(
        lambda: services.complete_task(me(), found, **form.details(found.kind))
    ):
        return see_other(url_for("cloud.operations"))
    return _task_page(found, form)


def _task_page(found: ManualTask, form: TaskForm) -> ResponseReturnValue:
    fields = [form[name] for name in fields_of(found.kind)]
    for field in fields:
        field.flags.required = field.name in NEEDED
    values: dict[str, Any] = {"task": found, "sandbox": manual.sandbox_of(found), "fields": fields, "form": form,
                              "units": UNITS}  # fmt: skip
    return render_template("cloud/task.html", has_errors=bool(form.errors), **values), form.status
