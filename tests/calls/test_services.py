import datetime as dt

import pytest
from flask_babel import force_locale
from sqlalchemy import select, update

from incubator.calls import jobs, queries, services
from incubator.calls.models import Criterion, DecisionRuleVersion, RubricVersion, Seat
from incubator.calls.services import ThemeBudget
from incubator.calls.templates import DEFAULT_CRITERIA, DEFAULT_RULE, IDEA, VENTURE, FormTemplate, local
from incubator.core import audit, clock
from incubator.core.db import db
from incubator.core.errors import Invalid, NotAllowed, WrongState
from incubator.core.transaction import transaction
from incubator.ledger.models import Account
from incubator.people.models import Role
from incubator.people.predicates import SYSTEM
from incubator.proposals.services import create_draft
from incubator.reviews.engines.decision_rule import Rule

BOTH = {"en": "Call 2027", "zh": "2027 年征集"}


@pytest.fixture
def company(make):
    return make.company()


@pytest.fixture
def office(make, company):
    return make.person(company, Role.OFFICE)


@pytest.fixture
def details(make, company, office):
    with transaction():
        rubric, rule = services.install_templates(SYSTEM, company)
        theme = services.create_theme(office, company, name={"en": "Clean energy", "zh": "清洁能源"}, source="Plan")
    now, today = clock.now(), clock.today()
    return {
        "title": BOTH, "summary": BOTH, "opens_at": now, "closes_at": now + dt.timedelta(days=10),
        "screening_due_on": today + dt.timedelta(days=15), "review_due_on": today + dt.timedelta(days=20),
        "meets_on": today + dt.timedelta(days=21), "release_on": today + dt.timedelta(days=22), "form": VENTURE,
        "committee": make.committee(company),
        "rubric": rubric, "rule": rule, "themes": [ThemeBudget(theme, today.year, 50_000_000)],
    }  # fmt: skip


@pytest.fixture
def draft(office, company, details):
    with transaction():
        return services.create_call(office, company, **details)


def test_what_every_installation_starts_with_is_installed_once(company):
    with transaction():
        first = services.install_templates(SYSTEM, company)
        again = services.install_templates(SYSTEM, company)
    assert first == again
    assert (first[0].number, [c.key for c in first[0].criteria]) == (1, ["uniqueness", "continuity", "team", "fit"])
    assert sum(criterion.weight_bp for criterion in first[0].criteria) == 10_000
    assert Rule.from_data(first[1].data).to_data() == DEFAULT_RULE
    assert all(set(item.anchors) == {"1", "2", "3", "4", "5"} for item in DEFAULT_CRITERIA)


@pytest.mark.parametrize("table", [RubricVersion, Criterion, DecisionRuleVersion])
def test_a_published_rubric_or_rule_never_changes(company, table):
    with transaction():
        services.install_templates(SYSTEM, company)
    with pytest.raises(Exception, match="never changed"), transaction():
        db.session.execute(update(table).values(name=BOTH))


def test_a_new_version_of_a_rubric_has_the_next_number(office, company):
    with transaction():
        numbers = [
            services.publish_rubric(office, company, code="own", name=BOTH, criteria=criteria).number
            for criteria in (DEFAULT_CRITERIA, [item.model_dump(mode="json") for item in DEFAULT_CRITERIA])
        ]
    assert numbers == [1, 2]


def changed(**details):
    return DEFAULT_CRITERIA[0].model_dump(mode="json") | {"weight_bp": 10_000} | details


@pytest.mark.parametrize(
    "criteria",
    [
        DEFAULT_CRITERIA[:3],
        [changed(weight_bp=5000), changed(weight_bp=5000)],
        [changed(low=5, high=5)],
        [changed(high=4)],
        [changed(name={"en": "Only English"})],
        [changed(surprise=1)],
    ],
)
def test_a_rubric_is_whole(office, company, criteria):
    with pytest.raises(Invalid), transaction():
        services.publish_rubric(office, company, code="own", name=BOTH, criteria=criteria)


def test_a_rule_says_something_and_has_both_languages(office, company):
    with pytest.raises(Invalid), transaction():
        services.publish_decision_rule(office, company, code="own", name=BOTH, data={})
    with pytest.raises(Invalid) as refused, transaction():
        services.publish_decision_rule(office, company, code="own", name={"en": "x"}, data=DEFAULT_RULE)
    assert refused.value.field == "name_zh"


def test_a_pool_is_funded_once_from_outside(make, office, company):
    theme = make.theme(company)
    with transaction():
        pool = services.create_pool(office, company, theme=theme, year=2027, amount=5_000_000)
    found = db.session.execute(select(Account.kind, Account.balance).order_by(Account.kind)).all()
    assert found == [("external", -5_000_000), ("pool", 5_000_000)]
    for again in ({"amount": 1}, {"amount": 0, "year": 2028}, {"amount": 1, "year": 2028, "currency": "XXX"}):
        with pytest.raises(Invalid), transaction():
            services.create_pool(office, company, theme=theme, **({"year": 2027} | again))
    assert queries.pool_for(company, theme.id, 2027) == pool


def test_a_pool_is_the_companys_own_or_that_of_the_nearest_above(make):
    group = make.company()
    middle = make.company(group)
    leaf = make.company(middle)
    theme = make.theme(group)
    top = make.pool(theme, company=group)
    year = clock.today().year
    assert queries.pool_for(leaf, theme.id, year) == top
    nearer = make.pool(theme, company=middle)
    assert [queries.pool_for(c, theme.id, year) for c in (leaf, middle, group)] == [nearer, nearer, top]
    assert queries.pool_for(make.company(), theme.id, year) is None


def test_a_committee_has_a_chair_and_others(make, office, company):
    chair, member = make.person(company), make.person(company)
    with transaction():
        committee = services.create_committee(office, company, name=BOTH, chair=chair, members=[chair, member])
    assert [(seat.person, seat.seat) for seat in committee.members] == [(chair, Seat.CHAIR), (member, Seat.MEMBER)]
    with pytest.raises(Invalid), transaction():
        services.create_committee(office, company, name=BOTH, chair=chair, members=[chair])


def test_only_the_office_of_the_company_runs_its_calls(make, company, details, draft):
    strangers = (make.person(company), make.person(make.company(), Role.OFFICE))
    for person in strangers:
        with pytest.raises(NotAllowed), transaction():
            services.create_call(person, company, **details)
        for step in (services.publish, services.close):
            with pytest.raises(NotAllowed), transaction():
                step(person, draft)


def test_a_call_is_drafted_changed_published_and_closed(office, draft, details):
    assert (draft.state, FormTemplate.of(draft.form), draft.themes[0].budget) == ("draft", VENTURE, 50_000_000)
    with transaction():
        services.update_call(office, draft, **(details | {"form": IDEA.as_data()}))
    assert FormTemplate.of(draft.form) == IDEA
    with transaction():
        services.publish(office, draft)
    event = audit.event_of(draft, "call.publish")
    assert (draft.state, event.actor_id) == ("published", office.id)
    with pytest.raises(WrongState), transaction():
        services.update_call(office, draft, **details)
    with pytest.raises(Invalid, match="Say why it closes") as refused, transaction():
        services.close(office, draft, reason=" ")
    assert refused.value.field == "reason"
    with transaction():
        services.close(office, draft, reason="The budget is spent.")
    assert (draft.state, draft.is_open_at(clock.now())) == ("closed", False)
    assert audit.event_of(draft, "call.close").reason == "The budget is spent."


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": {"en": "Only", "zh": " "}}, "title_zh"),
        ({"summary": {"zh": "只有"}}, "summary_en"),
        ({"themes": []}, "themes"),
    ],
)
def test_to_publish_both_languages_and_a_theme_are_needed(office, company, details, change, field):
    with transaction():
        call = services.create_call(office, company, **(details | change))
    with pytest.raises(Invalid) as refused, transaction():
        services.publish(office, call)
    assert refused.value.field == field


def test_a_call_that_would_be_closed_already_is_not_published(office, company, details):
    past = {"opens_at": clock.now() - dt.timedelta(days=2), "closes_at": clock.now() - dt.timedelta(days=1)}
    with transaction():
        call = services.create_call(office, company, **(details | past))
    with pytest.raises(Invalid), transaction():
        services.publish(office, call)


def test_phases_follow_each_other(office, company, details):
    day = dt.timedelta(days=1)
    for change, field in (
        ({"closes_at": details["opens_at"]}, "closes_on"),
        ({"screening_due_on": clock.today()}, "screening_due_on"),
        ({"review_due_on": details["screening_due_on"] - day}, "review_due_on"),
        ({"meets_on": details["review_due_on"] - day}, "meets_on"),
        ({"release_on": details["meets_on"] - day}, "release_on"),
    ):
        with pytest.raises(Invalid) as refused, transaction():
            services.create_call(office, company, **(details | change))
        assert refused.value.field == field


def test_budgets_are_above_zero_and_the_rule_fits_the_rubric(office, company, details):
    theme = details["themes"][0].theme
    with transaction():
        rule = services.publish_decision_rule(
            office, company, code="other", name=BOTH, data=DEFAULT_RULE | {"ties": ["criterion:beauty", "key"]}
        )
    for change, field in (({"themes": [ThemeBudget(theme, 2027, 0)]}, "themes"), ({"rule": rule}, "rule")):
        with pytest.raises(Invalid) as refused, transaction():
            services.create_call(office, company, **(details | change))
        assert refused.value.field == field


def test_a_form_of_a_wrong_shape_is_refused(office, company, details):
    section = IDEA.as_data()["sections"][0]
    for form in ({"sections": [section, section]}, {"sections": [{}]}, {"sections": [], "more": 1}, {}):
        with pytest.raises(Invalid), transaction():
            services.create_call(office, company, **(details | {"form": form}))
    choice = section | {"fields": [section["fields"][0] | {"kind": "choice"}]}
    with pytest.raises(Invalid), transaction():
        services.create_call(office, company, **(details | {"form": {"sections": [choice]}}))


def test_calls_are_for_the_company_and_all_below_it(make):
    group = make.company()
    below, beside = make.company(group), make.company()
    call, chair = make.call(group), make.person(beside, Role.CHAIR)
    judged = make.call(group, committee=make.committee(beside, chair))
    people = [make.person(group), make.person(below), make.person(beside), chair]
    assert [call.is_for(person) for person in people] == [True, True, False, False]
    assert [set(db.session.scalars(queries.open_for(person))) for person in people] == [
        {call, judged}, {call, judged}, set(), set(),
    ]  # fmt: skip
    assert [set(db.session.scalars(queries.visible_to(person))) for person in people] == [
        {call, judged}, {call, judged}, set(), {judged},
    ]  # fmt: skip


def test_a_draft_of_a_call_is_seen_by_its_office_alone(make, company, office, draft):
    chair = draft.committee.members[0].person
    seen = [list(db.session.scalars(queries.visible_to(person))) for person in (office, make.person(company), chair)]
    assert seen == [[draft], [], []]


def test_calls_close_by_themselves_once(make):
    over, running = make.call(days=0), make.call()
    with transaction():
        over.closes_at = clock.now() - jobs.GRACE
    assert (jobs.close_due(), jobs.close_due()) == (1, 0)
    db.session.expire_all()
    assert (over.state, running.state) == ("closed", "published")


def test_a_call_that_opens_later_takes_nothing_yet(make):
    call = make.call()
    with transaction():
        call.opens_at = clock.now() + dt.timedelta(hours=1)
    person = make.person(call.company)
    assert list(db.session.scalars(queries.coming_for(person))) == [call]
    assert list(db.session.scalars(queries.open_for(person))) == []
    with pytest.raises(WrongState), transaction():
        create_draft(person, call, lang="en")


def test_words_of_the_office_read_in_the_readers_language(app):
    field = VENTURE.fields["summary"]
    with app.test_request_context(), force_locale("zh_Hans_CN"):
        assert str(field.label) == "用几句话说明创意"
        assert (local({"en": "Only"}), local({})) == ("Only", "")
    with app.test_request_context(), force_locale("en_GB"):
        assert str(field.label) == "The idea in a few sentences"
