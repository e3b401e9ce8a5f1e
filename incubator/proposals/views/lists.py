"""Lists of proposals: mine, the office's, and what is found; narrowed by the address, kept under names."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from incubator.core.actions import can
from incubator.core.errors import Invalid
from incubator.people import queries as people
from incubator.people import services as people_services
from incubator.people.models import SavedView
from incubator.people.session import me
from incubator.proposals import pages, queries, services
from incubator.proposals.forms.lists import StepForm, ViewForm, step_form
from incubator.proposals.models import Proposal
from incubator.proposals.pages import KeptView, Views
from incubator.proposals.queries import Filter
from incubator.proposals.states import ProposalState
from incubator.proposals.views.routes import bp
from incubator.web import keyset
from incubator.web.routes import SIGNED_IN
from incubator.web.views import load, see_other

MINE, BOARD, SEARCH = "proposals", "screening", "search"
ADDRESSES = {MINE: "/proposals/", BOARD: "/screening/", SEARCH: "/search"}
ALL = "?view=all"
"""The list as it is, for who has a default view."""
NARROWED_BY = ("state", "call", "theme", "company", "person")
HANDED_IN = tuple(one for one in ProposalState if one not in {ProposalState.DRAFT, ProposalState.AWAITING_TEAM})


def wanted() -> Filter:
    """What the address narrows a list to."""
    return Filter(**{name: request.args.get(name, "").strip()[:60] for name in NARROWED_BY})


def sought() -> str:
    """The words that the address searches for."""
    return request.args.get("q", "").strip()[:200]


def _query(page: str) -> str:
    """What is asked of a list, as the query of its address."""
    words = sought() if page == SEARCH else ""
    return urlencode(({"q": words} if words else {}) | wanted().given)


def _views(page: str, form: ViewForm | None = None) -> Views:
    saved, query = tuple(KeptView(*row) for row in people.views_shown(me(), page)), _query(page)
    current = next((view for view in saved if view.query == query), None)
    return Views(saved, current, query, form or ViewForm(formdata=None))


def _default(views: Views) -> KeptView | None:
    """The view that the bare address opens; one that narrows nothing is what stands there already."""
    if request.args or request.method == "POST":
        return None
    return next((one for one in views.saved if one.is_default and one.query), None)


# ---- Mine


@bp.get("/proposals/", right=SIGNED_IN)
def index() -> ResponseReturnValue:
    """My proposals, newest first."""
    return _index(_views(MINE))


def _index(views: Views) -> ResponseReturnValue:
    if (default := _default(views)) is not None:
        return see_other(f"/proposals/?{default.query}")
    asked = wanted()
    page = keyset.by_moment(queries.mine(me(), asked), Proposal.created_at, Proposal.public_id)
    filters = pages.filters(ADDRESSES[MINE], asked, queries.choices(me()), but=("company", "person"))
    values = {"page": page, "wanted": asked, "filters": filters} | _values(views, MINE)
    return render_template("proposals/index.html", **values), views.form.status


def _values(views: Views, page: str) -> dict[str, Any]:
    """What the page of a list shows of its views."""
    drawn = pages.views(ADDRESSES[page], views)
    return {"views": drawn, "refused": views.form, "has_errors": bool(views.form.errors)}


# ---- The office


@bp.get("/screening/", right="proposal.board")
def board() -> ResponseReturnValue:
    """What was handed in, newest first."""
    return _board(_views(BOARD))


def _board(views: Views) -> ResponseReturnValue:
    if (default := _default(views)) is not None:
        return see_other(f"/screening/?{default.query}")
    asked = wanted()
    page = keyset.by_moment(queries.board(me(), asked), Proposal.submitted_at, Proposal.public_id)
    values = {
        "rows": pages.board_rows(page.rows),
        "counts": queries.at_the_office(me(), asked),
        "filters": pages.filters(ADDRESSES[BOARD], asked, queries.choices(me()), HANDED_IN),
    }
    html = render_template("proposals/board.html", page=page, wanted=asked, **values, **_values(views, BOARD))
    return html, views.form.status


@bp.get("/screening/step", right="proposal.board")
def step() -> ResponseReturnValue:
    """What to do with those ticked, and what that needs."""
    return _step(step_form(queries.routable(me()), formdata=None), _ticked(request.args.getlist("id")))


def _ticked(public_ids: Sequence[str]) -> list[Proposal]:
    return queries.ticked(me(), [key[:16] for key in public_ids])


def _step(form: StepForm, chosen: Sequence[Proposal]) -> ResponseReturnValue:
    html = render_template("proposals/step.html", form=form, chosen=chosen, has_errors=bool(form.errors))
    return html, form.status


@bp.post("/screening/step", right="screening_batch.take")
def take_step() -> ResponseReturnValue:
    """Take a step on each of those ticked; what became of each stands on a page of its own."""
    form, made = step_form(queries.routable(me())), list[Any]()
    chosen = _ticked(form.id.data or ())
    if form.validate() and form.accepts(lambda: made.append(services.take_step(me(), chosen, order=form.order))):
        return see_other(f"/screening/batches/{made[0].public_id}")
    return _step(form, _ticked(form.id.data or ()))


@bp.get("/screening/batches/<public_id>", right="proposal.board")
def batch(public_id: str) -> ResponseReturnValue:
    """What became of each proposal on which I took a step."""
    found = load(queries.batches_of(me()), public_id)
    return render_template("proposals/batch.html", batch=found, is_undoable=services.is_undoable(found))


@bp.post("/screening/batches/<public_id>/undo", right="screening_batch.undo")
def undo_step(public_id: str) -> ResponseReturnValue:
    """Take the counter-steps."""
    found = services.undo(me(), load(queries.batches_of(me()), public_id))
    flash(_("The counter-steps are taken; what was kept as it is says why."))
    return see_other(f"/screening/batches/{found.public_id}")


@bp.get("/screening/similar", right="proposal.board")
def similar_of_many() -> ResponseReturnValue:
    """What is like each of those ticked, of ten at most, two statements each: among all that was ever handed in where
    the reader is who screens it, else among what the reader may see."""
    chosen = _ticked(request.args.getlist("id"))[:10]
    found = [(one, _like(one)) for one in chosen]
    return render_template("proposals/similar_of_many.html", found=found)


def _like(proposal: Proposal) -> list[queries.Similar]:
    version = queries.text_for(me(), proposal)
    text = services.words_of(version.title, version.answers, proposal.call.form)
    everything = can(me(), "proposal.screen", proposal)
    return queries.similar(me(), text, besides=proposal, everything=everything)


# ---- Search


@bp.get("/search", right=SIGNED_IN)
def search() -> ResponseReturnValue:
    """Proposals by words in their title and text, narrowed, among what the reader may see."""
    return _search(_views(SEARCH))


def _search(views: Views) -> ResponseReturnValue:
    if (default := _default(views)) is not None:
        return see_other(f"/search?{default.query}")
    asked, narrow = sought(), wanted()
    page, number = _found(asked, narrow)
    values = {"page": page, "number": number, "rows": pages.hit_rows(page.rows), "search_text": asked}
    filters = pages.filters(ADDRESSES[SEARCH], narrow, queries.choices(me()), words=asked)
    values |= {"filters": filters, "wanted": narrow} | _values(views, SEARCH)
    return render_template("proposals/search.html", **values), views.form.status


def _found(text: str, narrow: Filter) -> tuple[keyset.Page, tuple[int, bool]]:
    """A page of hits, the best first or, without words, the newest; a number, and whether there are more."""
    if text:
        found = queries.search(me(), text, narrow, keyset.place())
        return keyset.beside(found.rows, found.previous, found.next), (found.number, found.is_more)
    if not narrow.given:
        return keyset.Page([], None, None), (0, False)
    page = keyset.by_moment(queries.fitting(me(), narrow), Proposal.state_at, Proposal.public_id)
    return page, (len(page.rows), bool(page.newer or page.older))


# ---- Views that are kept


@bp.post("/proposals/views", right="saved_view.save")
def save_view_of_mine() -> ResponseReturnValue:
    """Keep my list as it is narrowed."""
    return _save(MINE)


@bp.post("/screening/views", right="saved_view.save")
def save_view() -> ResponseReturnValue:
    """Keep the office's list as it is narrowed."""
    return _save(BOARD)


@bp.post("/search/views", right="saved_view.save")
def save_view_of_search() -> ResponseReturnValue:
    """Keep what is searched for."""
    return _save(SEARCH)


DRAWN = {MINE: _index, BOARD: _board, SEARCH: _search}


def _save(page: str) -> ResponseReturnValue:
    form, query = ViewForm(), _query(page)
    if form.validate() and form.accepts(lambda: _keep(page, form, query)):
        flash(_("The view is kept."))
        return see_other(f"{ADDRESSES[page]}?{query}" if query else ADDRESSES[page] + ALL)
    return DRAWN[page](_views(page, form))


def _keep(page: str, form: ViewForm, query: str) -> SavedView:
    if page == SEARCH and not query:
        raise Invalid(_("Search for something first: nothing is asked here that could be kept."), field="name")
    is_default = bool(form.is_default.data)
    return people_services.save_view(me(), page, name=form.name.data or "", query=query, is_default=is_default)


@bp.post("/views/<public_id>/default", right="saved_view.set_default")
def set_default_view(public_id: str) -> ResponseReturnValue:
    """Open the list with this view, or no longer."""
    view = load(people.saved_views_of(me()), public_id)
    people_services.set_default_view(me(), view, is_default=not view.is_default)
    return see_other(f"{ADDRESSES[view.page]}?{view.query}" if view.query else ADDRESSES[view.page] + ALL)


@bp.post("/views/<public_id>/remove", right="saved_view.remove")
def remove_view(public_id: str) -> ResponseReturnValue:
    """Take a view away."""
    view = load(people.saved_views_of(me()), public_id)
    page = view.page
    people_services.remove_view(me(), view)
    return see_other(ADDRESSES[page] + ALL)
