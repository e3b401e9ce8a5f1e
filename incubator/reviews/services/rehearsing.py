"""A dry run of a call: sample proposals go from submission to decision, and nothing of it is kept."""

from dataclasses import dataclass, field
from itertools import pairwise

from flask_babel import gettext as _

from incubator.calls.models import Call, Seat
from incubator.calls.templates import FormTemplate
from incubator.core.errors import Invalid
from incubator.proposals.engines import answers, samples
from incubator.reviews import queries
from incubator.reviews.engines import deciding, scoring
from incubator.reviews.engines.deciding import Decided, DecidingError, Row, Rule
from incubator.reviews.services.reviewing import engine_rubric
from incubator.web.words import local_words as local

SAMPLES = 5
"""Sample proposals a theme: each is given the whole scale's next lower part, each asks for a third of the budget."""


@dataclass
class Rehearsal:
    """What came of it. faults: what would stop a real call; steps: what was played, in words; rows: the decisions."""

    faults: list[str] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    rows: list[tuple[str, Decided]] = field(default_factory=list)
    currency: str = "CNY"


def rehearse(call: Call) -> Rehearsal:
    """Play a call on sample data: form, dates, committee, rubric, rule and budgets as they stand. Writes nothing."""
    played = Rehearsal()
    _submit(call, played)
    _check_dates(call, played)
    reviewers = _gather(call, played)
    _decide(call, reviewers, played)
    return played


def _submit(call: Call, played: Rehearsal) -> None:
    form = FormTemplate.of(call.form)
    given = samples.answers_for(form)
    wrong = list(answers.check(form, "Sample", given)) or answers.missing(form, given)
    if wrong or not form.fields:
        played.faults.append(_("The form can’t be answered completely."))
        return
    n = len(form.fields)
    played.steps.append(_("Submission: %(n)s questions were answered with sample words and figures.", n=n))


def _check_dates(call: Call, played: Rehearsal) -> None:
    phases = (call.screening_due_on, call.review_due_on, call.meets_on, call.release_on)
    days = [call.closes_at.date(), *(day for day in phases if day is not None)]
    if any(later < earlier for earlier, later in pairwise(days)):
        played.faults.append(_("The days of the phases are not in order."))
    played.steps.append(_("Phases: open, screening, review, meeting and release follow each other."))


def _gather(call: Call, played: Rehearsal) -> int:
    """How many may review; the chair does not."""
    able = [one for one in call.committee.members if one.seat is Seat.MEMBER and one.person.is_active]
    try:
        quorum = queries.quorum_of(call.rule)
    except Invalid as refusal:
        played.faults.append(str(refusal.message))
        return 0
    if len(able) < max(quorum, 1):
        words = _("The rule asks for %(n)s reviews of a proposal; the committee has %(m)s members who review.",
                  n=quorum, m=len(able))  # fmt: skip
        played.faults.append(words)
        return 0
    played.steps.append(_("Review: %(n)s members of the committee can score; the rule asks for %(m)s.",
                          n=len(able), m=quorum))  # fmt: skip
    return max(quorum, 1)


def _decide(call: Call, reviewers: int, played: Rehearsal) -> None:
    budgets = {one.theme.public_id: one.budget for one in call.themes}
    names = {one.theme.public_id: one.theme.name for one in call.themes}
    if not budgets:
        played.faults.append(_("A call needs at least one theme with a budget."))
    if not budgets or not reviewers:
        return
    played.currency = call.themes[0].currency
    rows = [row for key, budget in budgets.items() for row in _rows(call, key, budget, reviewers)]
    try:
        outcome = deciding.evaluate(Rule.from_data(call.rule.data), rows, budgets)
    except DecidingError as error:
        played.faults.append(_("The decision rule can't be applied: %(why)s", why=str(error)))
        return
    played.rows = [(local(names[one.row.theme]), one) for one in outcome.rows]
    played.steps.append(_("Decision: the rule decided %(n)s sample proposals.", n=len(played.rows)))


def _rows(call: Call, theme: str, budget: int, reviewers: int) -> list[Row]:
    rubric = engine_rubric(call.rubric)
    found = []
    for number in range(SAMPLES):
        scores = {one.key: max(one.low, one.high - number) for one in rubric.criteria}
        summary = scoring.summarise(rubric, [scores] * reviewers)
        key, place = f"{theme}-{number + 1}", number + 1
        asked = max(budget // 3, 1)
        found.append(Row(key, theme, summary.reviews, asked, summary.total, summary.means, place, True))
    return found
