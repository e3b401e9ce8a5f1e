"""Pages of rules: the list, one version with its source, and confirming it."""

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from incubator.core.errors import NotFound
from incubator.files.sending import send
from incubator.people.session import me
from incubator.rules import queries, services
from incubator.rules.forms import FORMS, AwardRuleForm, RemunerationRuleForm
from incubator.rules.models import RuleVersion
from incubator.rules.predicates import awaits, keepers
from incubator.web.routes import Routes
from incubator.web.views import load, see_other

bp = Routes("rules", __name__)


@bp.get("/rules/", right="rule.list")
def index() -> ResponseReturnValue:
    """All rules the reader may see, with their source and whether they are confirmed."""
    return render_template("rules/index.html", rules=queries.listed(me()))


@bp.get("/rules/new/<kind>", right="rule.adopt")
def new_rule(kind: str) -> ResponseReturnValue:
    """Asks for a company's own rule."""
    return render_template("rules/adopt.html", form=_adoption_form(kind), kind=kind)


def _adoption_form(kind: str) -> AwardRuleForm | RemunerationRuleForm:
    if kind not in FORMS:
        raise NotFound(_("There is no such page, or it is not for you to see."))
    form = FORMS[kind]()
    form.offer(queries.companies_for(me()))
    return form


@bp.post("/rules/new/<kind>", right="rule.adopt")
def adopt(kind: str) -> ResponseReturnValue:
    """Enter a company's own rule; two persons confirm it."""
    form, made = _adoption_form(kind), []
    if form.validate_on_submit() and form.accepts(lambda: made.append(_adopted(form))):
        return see_other(url_for("rules.show", public_id=made[0].public_id))
    return render_template("rules/adopt.html", form=form, kind=kind, has_errors=True), form.status


def _adopted(form: AwardRuleForm | RemunerationRuleForm) -> RuleVersion:
    company = next(one for one in queries.companies_for(me()) if one.public_id == form.company.data)
    given = form.file.data
    name = (given.filename or "") if given else ""
    return services.adopt_company_rule(
        me(), company, code=form.code, parameters=form.parameters, **form.adoption,
        document=given.stream if name else None, document_name=name,
    )  # fmt: skip


@bp.get("/rules/<public_id>/document", right="rule.list")
def document(public_id: str) -> ResponseReturnValue:
    """The document of a company's own rule."""
    rule = load(queries.of_page(me()), public_id)
    if rule.file is None:
        raise NotFound(_("There is no such page, or it is not for you to see."))
    return send(rule.file)


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
