"""Pages of rules: the list, one version with its source, and confirming it."""

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from incubator.people.session import me
from incubator.rules import queries, services
from incubator.rules.predicates import awaits, keepers
from incubator.web.routes import Routes
from incubator.web.views import load, see_other

bp = Routes("rules", __name__)


@bp.get("/rules/", right="rule.list")
def index() -> ResponseReturnValue:
    """All rules the reader may see, with their source and whether they are confirmed."""
    return render_template("rules/index.html", rules=queries.listed(me()))


@bp.get("/rules/<public_id>", right="rule.list")
def show(public_id: str) -> ResponseReturnValue:
    """One version: what it says, where that stands, who vouches for it."""
    rule = load(queries.of_page(me()), public_id)
    return render_template("rules/show.html", rule=rule, keepers=keepers(rule.code), awaits=awaits(me(), rule))


@bp.post("/rules/<public_id>/confirm", right="rule.confirm")
def confirm(public_id: str) -> ResponseReturnValue:
    """Vouch for a version."""
    services.confirm(me(), load(queries.visible_to(me()), public_id))
    return see_other(url_for("rules.show", public_id=public_id))
