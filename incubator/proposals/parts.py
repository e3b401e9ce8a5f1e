"""What proposals show on other packages' pages."""

from typing import Any

from incubator.calls.models import Call
from incubator.calls.templates import FormTemplate
from incubator.people.models import Person
from incubator.proposals.forms.drafts import preview
from incubator.web.slots import part


@part("call.form", order=10)
def preview_of_form(_reader: Person, call: Call) -> tuple[str, dict[str, Any]]:
    """A call's form as a proposer is going to see it; no query."""
    template = FormTemplate.of(call.form)
    sections = [(str(one.title), list(one.fields)) for one in template.sections]
    return "proposals/_form_preview.html", {"sections": sections, "form": preview(template)}
