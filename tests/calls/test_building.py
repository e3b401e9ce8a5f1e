import re

import pytest

from incubator.calls import services
from incubator.calls.forms import LIMITS, field_form
from incubator.calls.states import CallState
from incubator.calls.templates import IDEA, TEMPLATES, FieldSpec, FormTemplate, Kind, Section, Words
from incubator.core.db import db
from incubator.core.errors import Invalid, WrongState
from incubator.core.transaction import transaction
from incubator.people.models import Role

QUOTE = FieldSpec(key="quote", kind=Kind.FILE, limit=1, label=Words(en="Quote", zh="报价"))
WITH_A_FILE = FormTemplate(sections=(Section(key="more", title=Words(en="More", zh="其他"), fields=(QUOTE,)),))


@pytest.fixture
def office(make):
    return make.person(make.company(), Role.OFFICE)


@pytest.fixture
def draft(make, office):
    return make.call(office.company, form=IDEA.as_data(), state=CallState.DRAFT)


def form_of(call):
    db.session.expire_all()
    return FormTemplate.of(call.form)


def test_a_published_form_stands(make, office):
    call = make.call(office.company, form=IDEA.as_data())
    with pytest.raises(WrongState), transaction():
        services.change_form(office, call, form=IDEA)


def test_an_empty_form_is_not_published(make, office):
    call = make.call(office.company, state=CallState.DRAFT)
    with pytest.raises(Invalid) as refused, transaction():
        services.publish(office, call)
    assert refused.value.field == "template"


def test_the_office_builds_a_form(draft, office, sign_in):
    client, at = sign_in(office), f"/calls/manage/{draft.public_id}/form"

    def send(step, status=303, **values):
        answer = client.post(f"{at}/{step}", data=values)
        assert answer.status_code == status, answer.text
        return answer.text

    assert f'href="{at}"' in client.get(f"/calls/{draft.public_id}").text
    assert "First customer" in client.get(at).text
    send("arrange", template="research")
    assert "Three-year" not in client.get(at).text
    send("arrange", template="venture")
    shown = client.get(at).text
    assert ("Three-year investment plan" in shown, 'aria-label="Second year, Need"' in shown) == (True, True)
    assert "Both languages" in send("section", 422, title_en="Kept")
    send("section", title_en="Money", title_zh="资金")
    send("question", section="money", kind="number", label_en="Staff", label_zh="人员", unit_en="people", unit_zh="人")
    send("question", section="money", kind="table", label_en="Plan B", label_zh="备选", rows="Now | 现在",
         columns="Cost | 费用 | money\nWhat | 何物", optional="y", office="y")  # fmt: skip
    send(
        "question",
        section="money",
        kind="choice",
        label_en="Where",
        label_zh="何处",
        choices="Here | 此处\nThere ｜ 彼处",
    )
    send("arrange", up="where")
    money = form_of(draft).sections[-1]
    assert [(one.key, one.kind.value, one.required, one.audience.value) for one in money.fields] == [
        ("staff", "number", True, "all"), ("where", "choice", True, "all"), ("plan_b", "table", False, "office"),
    ]  # fmt: skip
    assert (str(money.fields[0].unit), money.fields[0].limit) == ("people", 1_000_000)
    assert [choice.value for choice in money.fields[1].choices] == ["here", "there"]
    send("arrange", out="staff")
    assert "staff" not in form_of(draft).fields
    send("arrange", section="money")
    assert [one.key for one in form_of(draft).sections] == ["idea", "technology", "business", "means"]
    with transaction():
        draft.state = CallState.PUBLISHED
    assert client.get(at).location == f"/calls/{draft.public_id}"
    section = form_of(draft).sections[0]
    for part in (f"section/{section.key}", f"question/{section.fields[0].key}"):
        assert client.get(f"{at}/{part}").location == f"/calls/{draft.public_id}"
    assert client.post(f"{at}/arrange", data={"template": "idea"}).status_code == 409


def test_a_question_and_a_section_are_changed_where_they_stand(draft, office, sign_in):
    client, at = sign_in(office), f"/calls/manage/{draft.public_id}/form"
    client.post(f"{at}/arrange", data={"template": "venture"})
    page = client.get(f"{at}/question/readiness").text
    assert "Shown in the laboratory (TRL 3 to 4) | 实验室验证（TRL 3—4）" in page
    assert ('value="How far it is today"' in page, "Keep the question" in page) == (True, True)
    given = {
        "section": "technology", "kind": "choice", "label_en": "Readiness", "label_zh": "成熟度", "limit": "40",
        "choices": "Shown in the laboratory (TRL 3 to 4) | 实验室\nSold | 已售", "optional": "y",
    }  # fmt: skip
    refused = client.post(f"{at}/question/readiness", data=given | {"choices": "Only English"})
    assert (refused.status_code, "Only English" in refused.text, "Keep the question" in refused.text) == (
        422,
        True,
        True,
    )
    assert client.post(f"{at}/question/readiness", data=given).location == at
    spec = form_of(draft).fields["readiness"]
    assert [(one.value, one.label.en) for one in spec.choices] == [
        ("lab", "Shown in the laboratory (TRL 3 to 4)"), ("sold", "Sold"),
    ]  # fmt: skip
    assert (spec.required, [one.key for one in form_of(draft).sections[1].fields]) == (
        False,
        ["technology", "readiness"],
    )
    was = re.search(r'name="was" value="(\w+)"', page)[1]
    stale = client.post(f"{at}/question/readiness", data=given | {"label_en": "Mine", "was": was})
    assert (stale.status_code, "Somebody else changed" in stale.text, 'value="Mine"' in stale.text) == (422, True, True)
    now = re.search(r'name="was" value="(\w+)"', stale.text)[1]
    assert client.post(f"{at}/question/readiness", data=given | {"was": now}).location == at
    assert client.get(f"{at}/question/nothing").status_code == client.get(f"{at}/section/nothing").status_code == 404
    assert 'value="Technology"' in client.get(f"{at}/section/technology").text
    assert client.post(f"{at}/section/technology", data={"title_en": "How", "title_zh": ""}).status_code == 422
    assert client.post(f"{at}/section/technology", data={"title_en": "How", "title_zh": "怎样"}).location == at
    client.post(f"{at}/arrange", data={"section_up": "technology"})
    assert [(one.key, one.title.en) for one in form_of(draft).sections[:2]] == [
        ("technology", "How"),
        ("idea", "The idea"),
    ]


@pytest.mark.parametrize("built", [*TEMPLATES.values(), WITH_A_FILE])
def test_a_question_is_as_it_was_when_nothing_is_changed(app, built):
    with app.test_request_context():
        for key, spec in (built.fields | built.files).items():
            form = field_form(built, spec, formdata=None)
            assert spec in next(one.fields for one in built.sections if one.key == form.section.data)
            limit = spec.limit if spec.kind in LIMITS else form.spec(built).limit  # of the others it limits nothing
            assert (key, form.spec(built)) == (key, spec.model_copy(update={"limit": limit}))


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"kind": "choice"}, "Name at least one choice"),
        ({"kind": "choice", "choices": "Only English"}, "both languages in each line"),
        ({"kind": "table", "rows": "Now | 现在"}, "at least one row and one column"),
        ({"kind": "table", "rows": "Now | 现在", "columns": "A | 甲 | choice"}, "short, number or money"),
        ({"kind": "short", "hint_en": "Only English"}, "Both languages are needed"),
        ({"kind": "long", "limit": "0"}, "limit"),
        ({"kind": "other"}, "Not a valid choice"),
    ],
)
def test_a_wrong_question_is_answered_beside_the_field(draft, office, sign_in, values, words):
    given = {"section": "idea", "label_en": "Kept words", "label_zh": "词"} | values
    answer = sign_in(office).post(f"/calls/manage/{draft.public_id}/form/question", data=given)
    assert (answer.status_code, words in answer.text, "Kept words" in answer.text) == (422, True, True)
    assert form_of(draft) == IDEA


def test_the_call_keeps_the_form_that_was_built(draft, office, sign_in):
    client = sign_in(office)
    client.post(f"/calls/manage/{draft.public_id}/form/section", data={"title_en": "Money", "title_zh": "资金"})
    assert "The form as it was built" in client.get(f"/calls/manage/{draft.public_id}/edit").text
