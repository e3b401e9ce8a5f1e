"""The small page of a step in a list that needs a reason: it comes where the step was sent without a good one."""

from collections.abc import Sequence
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from incubator.web.forms import Form


def why(
    form: Form, title: str, label: str, *, back: str, crumbs: Sequence[Any], facts: Sequence[str] = (),
    sent: Sequence[tuple[str, str]] = (),
) -> ResponseReturnValue:  # fmt: skip
    """The refused form on a page of its own, sent again to the same address. label: of its button; sent: other fields
    that go with it as they were sent."""
    page = render_template(
        "patents/reason.html", form=form, title=title, label=label, back=back, crumbs=crumbs, facts=facts, sent=sent,
        url=request.full_path.rstrip("?"), has_errors=True,
    )  # fmt: skip
    return page, form.status
