import pytest
from hypothesis import given
from hypothesis import strategies as st

from incubator.calls.engines import building
from incubator.calls.templates import TEMPLATES, VENTURE, FieldSpec, FormTemplate, Kind, Words

QUESTION = FieldSpec(key="own", kind=Kind.SHORT, limit=80, label=Words(en="Own", zh="自有"))


@pytest.mark.parametrize(
    ("label", "taken", "key"),
    [
        ("What it costs?", set(), "what_it_costs"),
        ("What it costs?", {"what_it_costs", "what_it_costs_2"}, "what_it_costs_3"),
        ("3 years", set(), "q_3_years"),
        ("热", set(), "q"),
        ("Müller’s " + "x" * 60, set(), "mullers_" + "x" * 28),
    ],
)
def test_keys_come_from_english_labels(label, taken, key):
    assert building.key_for(label, taken) == key


@given(st.text(max_size=60), st.sets(st.sampled_from(["a", "a_2", "q", "q_2"])))
def test_every_key_is_free_and_fits(label, taken):
    key = building.key_for(label, taken)
    assert key not in taken
    FieldSpec(key=key, kind=Kind.SHORT, limit=1, label=Words(en="a", zh="a"))


def test_a_section_and_a_question_go_to_the_end():
    form = building.with_section(VENTURE, Words(en="The idea", zh="创意"))
    assert [one.key for one in form.sections][-1] == "the_idea"
    form = building.with_field(form, "the_idea", QUESTION)
    assert form.sections[-1].fields == (QUESTION,)
    assert building.without_section(form, "the_idea") == VENTURE
    with pytest.raises(KeyError):
        building.with_field(form, "nowhere", QUESTION)


def test_a_question_is_raised_one_place_and_taken_out():
    def keys(form):
        return [spec.key for spec in form.sections[2].fields]

    assert keys(VENTURE) == ["market", "growth", "revenue", "months", "plan", "kill_criteria"]
    assert keys(building.raised(VENTURE, "months")) == [
        "market",
        "growth",
        "months",
        "revenue",
        "plan",
        "kill_criteria",
    ]
    assert building.raised(VENTURE, "market") == building.raised(VENTURE, "nowhere") == VENTURE
    assert keys(building.without(VENTURE, "months")) == ["market", "growth", "revenue", "plan", "kill_criteria"]


def test_a_question_is_replaced_in_its_place_or_goes_to_the_end_of_another_section():
    spec = VENTURE.fields["months"].model_copy(update={"required": False})
    form = building.replaced(VENTURE, "months", "business", spec)
    assert list(form.fields) == list(VENTURE.fields)
    assert (form.fields["months"].required, VENTURE.fields["months"].required) == (False, True)
    moved = building.replaced(VENTURE, "months", "idea", spec)
    assert [one.key for one in moved.sections[0].fields] == ["summary", "problem", "customer", "months"]
    assert len(moved.fields) == len(VENTURE.fields)
    with pytest.raises(KeyError):
        building.replaced(VENTURE, "months", "nowhere", spec)


def test_a_section_is_raised_one_place_and_called_otherwise():
    def keys(form):
        return [one.key for one in form.sections]

    assert keys(building.section_raised(VENTURE, "business")) == ["idea", "business", "technology", "means"]
    assert building.section_raised(VENTURE, "idea") == building.section_raised(VENTURE, "nowhere") == VENTURE
    form = building.renamed(VENTURE, "business", Words(en="Money", zh="资金"))
    assert [one.title.en for one in form.sections] == ["The idea", "Technology", "Money", "Team and means"]
    assert keys(form) == keys(VENTURE)


def test_the_templates_are_the_same_when_stored_and_read():
    assert set(TEMPLATES) == {"idea", "venture", "research"}
    for template in TEMPLATES.values():
        assert FormTemplate.of(template.as_data()) == template
