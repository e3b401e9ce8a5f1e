import datetime as dt
import re

import pytest
from sqlalchemy import select

from incubator.calls.templates import VENTURE
from incubator.core import clock
from incubator.core.db import db
from incubator.core.transaction import transaction
from incubator.people.models import Role
from incubator.proposals import queries, services
from incubator.proposals.models import Proposal
from incubator.web.formats import day_long, time
from tests.proposals.conftest import ANSWERS

FORM = {f"answer_{key}": text for key, text in ANSWERS.items()}


def page(client, address, status=200):
    answer = client.get(address)
    assert answer.status_code == status
    return answer.text


def post(client, address, status=303, **data):
    answer = client.post(address, data=data)
    assert answer.status_code == status, answer.text
    return answer


def draft_of(lead):
    return db.session.scalars(select(Proposal).where(Proposal.lead_id == lead.id)).one()


def test_an_employee_writes_checks_and_hands_in_alone(sign_in, call, lead):
    client = sign_in(lead)
    assert "Write a proposal" in page(client, f"/calls/{call.public_id}")
    edit = post(client, f"/calls/{call.public_id}/propose").location
    proposal = draft_of(lead)
    at = f"/proposals/{proposal.public_id}"
    assert edit == f"{at}/edit"
    assert "Save draft" in page(client, edit)
    assert post(client, edit, version=1, title="Half", answer_summary="Only this").location == edit
    check = page(client, f"{at}/check")
    assert re.findall(rf'href="{at}(/edit#\w+)"', check) == [
        "/edit#theme", "/edit#asked", "/edit#answer_problem", "/edit#answer_fit", "/edit#answer_cloud_use",
    ]  # fmt: skip
    theme = call.themes[0].theme.public_id
    whole = post(client, edit, version=2, title="Heat", theme=theme, asked="240,000.50", check="1", **FORM)
    assert whole.location == f"{at}/check"
    db.session.expire_all()
    assert (proposal.title, proposal.asked, queries.newest(proposal).answers) == ("Heat", 24_000_050, ANSWERS)
    assert "Nothing is missing" in page(client, f"{at}/check")
    assert post(client, f"{at}/ask-team").location == f"{at}/receipt"
    receipt = page(client, f"{at}/receipt")
    db.session.expire_all()
    assert proposal.submitted_version.hash.hex() in receipt
    assert queries.history(proposal)[-1].event in receipt
    assert f">{day_long(proposal.submitted_at)} {time(proposal.submitted_at, True)}</time>" in receipt
    assert page(client, at).count('class="done"') == 2
    assert client.get(edit).location == at


def test_a_draft_left_empty_is_taken_up_again(sign_in, call, lead):
    client = sign_in(lead)
    first = post(client, f"/calls/{call.public_id}/propose").location
    assert post(client, f"/calls/{call.public_id}/propose").location == first
    post(client, first, version=1, title="Heat")
    assert post(client, f"/calls/{call.public_id}/propose").location != first


def test_the_form_keeps_what_was_typed_and_says_what_is_wrong(sign_in, begin, lead):
    proposal = begin()
    client = sign_in(lead)
    html = post(
        client, f"/proposals/{proposal.public_id}/edit", 422, version=2, title="x" * 201, asked="1,20",
        answer_summary="y" * 1501,
    ).text  # fmt: skip
    assert "Error: " in html.split("</title>")[0]
    for words in ("at most 200 characters", "Enter an amount, such as", "at most 1,500 characters", "1,20", "y" * 1501):
        assert words in html
    db.session.expire_all()
    assert proposal.title == "Heat from server rooms"


def test_autosave_answers_the_new_revision_and_the_time(sign_in, begin, lead):
    proposal = begin()
    client = sign_in(lead)
    at = f"/proposals/{proposal.public_id}/autosave"
    answer = client.post(at, data={"version": 2, "title": "Typed", **FORM}, headers={"HX-Request": "true"})
    kept = queries.newest(proposal)
    shanghai = kept.saved_at.astimezone(clock.GROUP_ZONE).strftime("%H:%M")
    assert (answer.status_code, answer.json) == (200, {"version": 3, "saved": shanghai})
    assert (kept.title, kept.number) == ("Typed", 1)
    refused = client.post(at, data={"version": 3, "title": "x" * 201})
    why = "Not saved yet. Title: Shorten this to at most 200 characters."
    assert (refused.status_code, refused.json) == (422, {"why": why})
    unread = client.post(at, data={"version": "x"})
    assert (unread.status_code, unread.json["why"][:14]) == (422, "Not saved yet.")


def test_a_text_is_previewed_as_it_will_be_read_with_and_without_javascript(sign_in, begin, lead):
    client, at = sign_in(lead), f"/proposals/{begin().public_id}/edit"
    shown = client.get(at).text
    assert 'formaction="/preview"' in shown
    assert shown.index(">Save draft</button>") < shown.index('formaction="/preview"'), "Enter would open a preview"
    typed = {"preview": "answer_summary", "answer_summary": "**Heat** <script>x</script>"}
    part = client.post("/preview", data=typed, headers={"HX-Request": "true"})
    assert (part.status_code, "<strong>Heat</strong>" in part.text, "<script>x" in part.text) == (200, True, False)
    assert "<html" not in part.text
    whole = client.post("/preview", data=typed).text
    assert ("<strong>Heat</strong>" in whole, "As it will be read" in whole) == (True, True)
    assert "Nothing is written yet." in client.post("/preview", data={"preview": "answer_fit"}).text


def test_two_tabs_the_slower_sees_both_texts_and_chooses(sign_in, begin, lead):
    proposal = begin()
    client = sign_in(lead)
    at = f"/proposals/{proposal.public_id}"
    post(client, f"{at}/autosave", 200, version=2, title="First tab", **FORM)
    fragment = post(client, f"{at}/autosave", 409, version=2, title="Second tab", **FORM).text
    assert ("First tab" in fragment, "Second tab" in fragment, "<html" in fragment) == (True, True, False)
    html = post(client, f"{at}/edit", 409, version=2, title="Second tab", **FORM).text
    assert ("First tab" in html, 'value="Second tab"' in html, 'name="overwrite" value="3"' in html) == (True,) * 3
    assert queries.newest(proposal).title == "First tab"
    post(client, f"{at}/edit", version=2, overwrite="3", title="Second tab", **FORM)
    db.session.expire_all()
    assert queries.newest(proposal).title == "Second tab"


def test_a_draft_does_not_exist_for_others(make, sign_in, begin, call, office):
    proposal = begin()
    for person in (office, make.person(call.company)):
        client = sign_in(person)
        for path in ("", "/text", "/edit", "/team", "/check", "/receipt", "/consent"):
            page(client, f"/proposals/{proposal.public_id}{path}", 404)
        for path in ("/autosave", "/edit", "/team", "/team/add", "/ask-team", "/submit", "/withdraw", "/screen"):
            post(client, f"/proposals/{proposal.public_id}{path}", 404)


def test_a_team_is_picked_shared_and_asked(make, sign_in, app, begin, lead, call):
    mate = make.person(call.company, name="He Wen")
    proposal = begin()
    at = f"/proposals/{proposal.public_id}"
    client = sign_in(lead)
    assert "Add a colleague" in page(client, f"{at}/team")
    assert "Nobody of that name" in post(client, f"{at}/team/add", 422, person="", person_text="nobody").text
    post(client, f"{at}/team/add", person=mate.hr_number, person_text="He Wen", part="Plant operations")
    db.session.expire_all()
    names = {member.person_id: member.person.public_id for member in proposal.team}
    mine, hers = names[lead.id], names[mate.id]
    wrong = post(client, f"{at}/team", 422, **{f"share_{mine}": "60", f"share_{hers}": "30"}).text
    assert "10.00 % is missing" in wrong
    broken = post(client, f"{at}/team", 422, **{f"share_{mine}": "abc", f"share_{hers}": "30"}).text
    assert "at most two decimals" in broken
    right = post(client, f"{at}/team", **{f"share_{mine}": "60", f"share_{hers}": "40", f"part_{hers}": "Plant"})
    assert right.location == f"{at}/check"
    assert "1 colleague is asked" in page(client, f"{at}/check")
    assert post(client, f"{at}/ask-team").location == at
    assert "Take back to change it" in page(client, at)
    page(client, f"{at}/consent", 404)

    hers = sign_in(mate, app.test_client())
    assert "Your answer is needed" in page(hers, at)
    assert "a share of 40%" in page(hers, f"{at}/consent")
    assert "Say why" in post(hers, f"{at}/consent/decline", 422, reason="").text
    assert post(hers, f"{at}/consent/accept").location == at
    db.session.expire_all()
    assert proposal.state == "submitted"
    assert "You have agreed to 40%" in page(hers, f"{at}/consent")
    assert "They change only when everybody" in page(client, f"{at}/team")


def test_a_member_can_be_taken_off_and_one_can_decline(make, sign_in, app, begin, lead, call):
    mate, other = make.person(call.company), make.person(call.company)
    proposal = begin({mate: 1000, other: 2000})
    at = f"/proposals/{proposal.public_id}"
    client = sign_in(lead)
    shares = {f"share_{lead.public_id}": "80", f"share_{mate.public_id}": "20", f"off_{other.public_id}": "y"}
    post(client, f"{at}/team", **shares)
    post(client, f"{at}/ask-team")
    assert post(client, f"{at}/take-back").location == f"{at}/edit"
    post(client, f"{at}/ask-team")
    post(sign_in(mate, app.test_client()), f"{at}/consent/decline", reason="Too little")
    db.session.expire_all()
    assert (proposal.state, [m.person_id for m in proposal.team]) == ("draft", [lead.id, mate.id])
    assert "Too little" in page(client, at)


def test_the_office_screens_returns_and_rules_out(sign_in, app, handed_in, lead, office):
    proposal = handed_in()
    at = f"/proposals/{proposal.public_id}"
    client = sign_in(office)
    assert proposal.title in page(client, "/screening/")
    assert "Begin the eligibility check" in page(client, at)
    post(client, f"{at}/screen")
    screening = page(client, at)
    assert (f'href="{at}/committee"' in screening, "Rule it out" in screening) == (True, True)
    assert "Say why" in post(client, f"{at}/return", 422, reason=" ").text
    assert "Say why" in post(client, f"{at}/rule-out", 422, reason="").text
    day = clock.today() + dt.timedelta(days=3)
    post(client, f"{at}/return", reason="Name the plant", due_on=day.isoformat())
    assert proposal.title in page(client, "/screening/?state=returned")
    assert "Nothing is in this state" in page(client, "/screening/?state=submitted")

    author = sign_in(lead, app.test_client())
    assert "Name the plant" in page(author, at)
    assert "Change the text first" in page(author, f"{at}/check")
    theme = proposal.call.themes[0].theme.public_id
    post(author, f"{at}/edit", version=2, title="Second", theme=theme, asked="100", **FORM)
    assert "Hand in again" in page(author, f"{at}/check")
    assert post(author, f"{at}/submit").location == f"{at}/receipt"

    post(client, f"{at}/screen")
    post(client, f"{at}/rule-out", reason="A product already")
    assert "A product already" in page(author, at)
    post(author, f"{at}/withdraw", 409)


def test_only_the_office_screens(sign_in, make, handed_in, lead, call):
    proposal = handed_in()
    client = sign_in(lead)
    page(client, "/screening/", 404)
    post(client, f"/proposals/{proposal.public_id}/screen", 404)
    own = make.person(call.company, Role.OFFICE)
    mine = handed_in(actor=own)
    post(sign_in(own), f"/proposals/{mine.public_id}/screen", 403)


def test_withdrawing_by_its_page(sign_in, handed_in, lead):
    proposal = handed_in()
    at = f"/proposals/{proposal.public_id}"
    client = sign_in(lead)
    assert "Withdraw “Heat from server rooms”?" in page(client, at)
    assert post(client, f"{at}/withdraw", 422, reason="x" * 2001).status_code == 422
    post(client, f"{at}/withdraw", reason="")
    assert "Withdraw “" not in page(client, at)


def test_a_closed_call_refuses_and_nothing_changes(sign_in, begin, lead, call):
    proposal = begin()
    with transaction():
        call.closes_at = clock.now()
    post(sign_in(lead), f"/proposals/{proposal.public_id}/ask-team", 409)
    db.session.expire_all()
    assert proposal.state == "draft"


def test_search_shows_hits_and_says_when_there_are_none(sign_in, begin, lead):
    begin(title="余热回收")
    client = sign_in(lead)
    assert "余热回收" in page(client, "/search?q=余热")
    assert "Nothing matches" in page(client, "/search?q=nothing")
    assert "Words of the title" in page(client, "/search")


PATHS = ("", "/text", "/edit", "/team", "/check")


def test_every_page_reads_in_chinese(sign_in, make, app, begin, handed_in, lead, office, call):
    mate = make.person(call.company, language="zh")
    draft, done = begin({mate: 1000}), handed_in()
    client = sign_in(lead)
    client.set_cookie("language", "zh", domain="localhost")
    addresses = [f"/proposals/{draft.public_id}{path}" for path in PATHS]
    addresses += ["/proposals/", f"/proposals/{done.public_id}/receipt", "/search?q=heat", "/calls/"]
    addresses += [f"/calls/{call.public_id}"]
    for address in addresses:
        assert '<html lang="zh-Hans"' in page(client, address)
    with transaction():
        services.ask_team(lead, draft)
    hers = sign_in(mate, app.test_client())
    assert '<html lang="zh-Hans"' in page(hers, f"/proposals/{draft.public_id}/consent")
    assert "用几句话说明创意" in page(hers, f"/proposals/{draft.public_id}/text")


@pytest.mark.parametrize("address", ["/proposals/", "/screening/", "/search?q=heat", "/calls/"])
def test_a_list_has_as_many_statements_for_three_rows_as_for_one(sign_in, handed_in, office, lead, statements, address):
    client = sign_in(office if "screening" in address else lead)
    counts = []
    for more in (1, 2):
        for _ in range(more):
            handed_in()
        db.session.expire_all()
        statements.clear()
        html = page(client, address)
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 8
    assert "calls" in address or html.count("Heat from server rooms") == 3


def test_a_page_has_at_most_eight_statements(sign_in, make, begin, handed_in, lead, office, statements, call):
    team = {make.person(call.company): 1000 for _ in range(3)}
    draft, done = begin(team), handed_in()
    client = sign_in(lead)
    addresses = [f"/proposals/{draft.public_id}{path}" for path in PATHS]
    addresses += [f"/proposals/{done.public_id}/receipt", f"/calls/{call.public_id}"]
    found = {}
    for address in addresses:
        db.session.expire_all()
        statements.clear()
        page(client, address)
        found[address.rpartition("/")[2]] = len(statements)
    with transaction():
        for who in (lead, office):
            services.write_comment(who, done, text="@Zhao Min and @He Wen, look")
    at = f"/proposals/{done.public_id}"
    for who in (lead, office):
        client, name = sign_in(who), who.name
        for path in ("", "/talk", "/similar", "/dossier"):
            db.session.expire_all()
            statements.clear()
            page(client, f"{at}{path}")
            found[name + path] = len(statements)
    assert {key: number for key, number in found.items() if number > 8} == {}, found


def test_lists_page_by_moment_and_show_no_sequence(sign_in, make, lead, monkeypatch):
    from incubator.web import keyset

    call = make.call(lead.company)
    for number in range(5):
        make.proposal(call, lead, title=f"Number {number}")
    monkeypatch.setattr(keyset.by_moment, "__defaults__", (2,))
    client = sign_in(lead)
    first = page(client, "/proposals/")
    older = re.search(r'href="(/proposals/\?before=[0-9]+-[a-z2-7]{16})"', first)[1]
    second = page(client, older)
    newer = re.search(r'href="(/proposals/\?after=[^"]+)"', second)[1]
    third = page(client, re.search(r'href="(/proposals/\?before=[^"]+)"', second)[1])
    shown = [re.findall(r"Number (\d)", html) for html in (first, second, third, page(client, newer))]
    assert shown == [["4", "3"], ["2", "1"], ["0"], ["4", "3"]]
    assert re.findall(r"Number (\d)", page(client, "/proposals/?before=nonsense")) == ["4", "3"]


def test_the_venture_form_takes_choices_amounts_and_numbers_and_shows_them_again(make, sign_in):
    call = make.call(form=VENTURE.as_data())
    person = make.person(call.company)
    client = sign_in(person)
    edit = post(client, f"/calls/{call.public_id}/propose").location
    wrong = {"answer_readiness": "moon", "answer_months": "61", "answer_revenue": "1,20"}
    html = post(client, edit, 422, version=1, title="X", **wrong).text
    for words in ("Not a valid choice", "Enter a number from 0", "Enter an amount"):
        assert words in html
    right = {
        "answer_readiness": "lab",
        "answer_months": "18",
        "answer_revenue": "1,200,000.50",
        "answer_team": "**We**",
    }
    post(client, edit, version=1, title="X", **right)
    kept = queries.newest(draft_of(person))
    assert kept.answers == {"readiness": "lab", "months": 18, "revenue": 120_000_050, "team": "**We**"}
    form = page(client, edit)
    assert ('<option selected value="lab">' in form, "1,200,000.50" in form) == (True, True)
    text = page(client, edit.replace("/edit", "/text"))
    for words in ("Shown in the laboratory", "¥1,200,000.50", ">18 months<", "<strong>We</strong>", "Not answered"):
        assert words in text
