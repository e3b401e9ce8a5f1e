"""The pages of inventions, of the docket and of awards: the story by clicking, in both languages."""

import html
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask, render_template
from flask.testing import FlaskClient
from sqlalchemy import select

from incubator.approvals import queries as approvals
from incubator.approvals import services as approval_services
from incubator.core import clock
from incubator.core.db import db
from incubator.core.transaction import transaction
from incubator.patents.models import Award, Disclosure, Matter
from incubator.people.models import Person, Role
from incubator.web.slots import render_parts
from tests.patents.scene import TEXT, Scene, application_number

SignIn = Callable[..., FlaskClient]


def text(answer: Any) -> str:
    """A page's text with its white space made single."""
    return re.sub(r"\s+", " ", html.unescape(answer.get_data(as_text=True)))


def form_of(scene: Scene, **changes: Any) -> dict[str, Any]:
    fields = {
        "title": TEXT["title"], "problem": TEXT["problem"], "solution": TEXT["solution"],
        "prior_art": "None found.", "nothing_shown": "y", "funding": "own", "no_rights": "y",
        "published_on": "", "planned_on": "", "secrecy": "ordinary", "lang": "en",
        "shares-0-hr_number": scene.lead.hr_number, "shares-0-share": "60",
        "shares-1-hr_number": scene.mate.hr_number, "shares-1-share": "40.00 %",
        "shares-2-hr_number": "", "shares-2-share": "",
    }  # fmt: skip
    return fields | changes


def disclose(scene: Scene, browser: FlaskClient, **changes: Any) -> Any:
    return browser.post(f"/inventions/new?venture={scene.venture.public_id}", data=form_of(scene, **changes))


def the_disclosure() -> Disclosure:
    return db.session.scalars(select(Disclosure)).one()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_whole_story_by_clicking(scene: Scene, sign_in: SignIn, language: str) -> None:
    for person in (scene.lead, scene.mate, scene.counsel, scene.office, scene.hr_a, scene.hr_b):
        with transaction():
            person.language = language

    def post(person: Person, address: str, **data: Any) -> None:
        answer = sign_in(person).post(address, data=data)
        assert answer.status_code == 303, text(answer)
        assert sign_in(person).get(answer.headers["Location"]).status_code == 200

    assert disclose(scene, sign_in(scene.lead)).status_code == 303
    disclosure = the_disclosure()
    at = f"/inventions/{disclosure.public_id}"
    post(scene.mate, f"{at}/accept")
    post(scene.counsel, f"{at}/care", reason="Search and assessment")
    post(scene.counsel, f"{at}/assess", assessment="Nothing comes near.")
    post(scene.counsel, f"{at}/propose", kind="invention", reason="It carries the venture.")
    decision = f"/patents/decisions/{disclosure.public_id}"
    page = text(sign_in(scene.office).get(decision))
    assert ("It carries the venture." in page, TEXT["title"] in page) == (True, False)
    post(scene.office, f"{decision}/approve")
    matter = db.session.scalars(select(Matter)).one()
    post(scene.counsel, f"/patents/{matter.public_id}/file", happened_on="2023-03-01", number=application_number())
    post(scene.counsel, f"/patents/{matter.public_id}/publish", happened_on="2024-09-03", number="CN116000000A")
    post(scene.counsel, f"/patents/{matter.public_id}/examine", happened_on="2024-10-08")
    post(scene.counsel, f"/patents/{matter.public_id}/grant", happened_on=clock.today().isoformat(), evidence="Gazette")
    award = db.session.scalars(select(Award)).one()
    address = f"/awards/{award.public_id}"
    post(scene.hr_a, f"{address}/calculate")
    assert sign_in(scene.hr_b).post(f"{address}/approve").status_code == 409
    scene.confirm_rule(award)
    assert sign_in(scene.hr_a).post(f"{address}/approve").status_code == 403
    post(scene.hr_b, f"{address}/approve")
    page = text(sign_in(scene.hr_a).get(address))
    for words in ("¥4,000.00", "¥2,400.00", "¥1,600.00", "Rule 93", application_number()):
        assert words in page
    mine = text(sign_in(scene.mate).get("/inventions/"))
    assert ("¥1,600.00" in mine, "¥2,400.00" in mine) == (True, False)
    for address in ("/inventions/", "/patents/", "/awards/", at, f"/patents/{matter.public_id}", decision):
        person = {"/awards/": scene.hr_b}.get(address, scene.counsel)
        assert sign_in(person).get(address).status_code == 200


def test_the_form_comes_with_the_members_and_their_shares(scene: Scene, sign_in: SignIn) -> None:
    page = text(sign_in(scene.lead).get(f"/inventions/new?venture={scene.venture.public_id}"))
    assert "Lin Yue" in page
    assert 'name="shares-0-share" type="text" value="60.00"' in page
    assert 'name="shares-1-share" type="text" value="40.00"' in page
    assert 'name="shares-3-hr_number"' in page


def test_who_is_not_in_the_venture_finds_no_form(scene: Scene, sign_in: SignIn) -> None:
    browser = sign_in(scene.hr_a)
    assert browser.get(f"/inventions/new?venture={scene.venture.public_id}").status_code == 404
    assert disclose(scene, browser).status_code == 404
    assert browser.get("/inventions/new").status_code == 404


def test_shares_that_do_not_sum_come_back_with_the_sum_and_every_value(scene: Scene, sign_in: SignIn) -> None:
    answer = disclose(scene, sign_in(scene.lead), **{"shares-1-share": "39.99"})
    page = text(answer)
    assert answer.status_code == 422
    assert page.count("The shares sum to 99.99 %. They must sum to exactly 100.00 %.") == 2
    assert ('value="39.99"' in page, TEXT["solution"] in page, "<title>Error:" in page) == (True, True, True)
    assert db.session.scalars(select(Disclosure)).all() == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"shares-0-share": "sixty"}, "Enter a percentage between 0 and 100 with at most two decimals, such as 33.34"),
        ({"shares-2-hr_number": "999999", "shares-2-share": "1"}, "Nobody here has the HR number 999999."),
        ({"published_on": "2026-02-30"}, "There is no such day: 2026-02-30. Write it like 2026-11-24."),
        ({"title": " "}, "Give the invention a title."),
        ({"secrecy": "none"}, "Not a valid choice."),
    ],
)
def test_what_is_wrong_is_said_at_its_place(scene: Scene, sign_in: SignIn, changes: dict[str, Any], words: str) -> None:
    answer = disclose(scene, sign_in(scene.lead), **changes)
    assert (answer.status_code, words in text(answer)) == (422, True)


def test_a_chinese_reader_discloses_in_chinese(scene: Scene, sign_in: SignIn) -> None:
    disclose(scene, sign_in(scene.lead), title="机房余热热泵", lang="zh")
    assert (the_disclosure().lang, the_disclosure().title) == ("zh", "机房余热热泵")


def test_a_declined_share_is_put_right_by_clicking(scene: Scene, sign_in: SignIn) -> None:
    disclosure = scene.disclose()
    at = f"/inventions/{disclosure.public_id}"
    assert "Is your share right?" in text(sign_in(scene.mate).get(at))
    assert sign_in(scene.mate).post(f"{at}/decline", data={"reason": ""}).status_code == 422
    assert sign_in(scene.mate).post(f"{at}/decline", data={"reason": "Half is mine."}).status_code == 303
    assert "Half is mine." in text(sign_in(scene.lead).get(at))
    assert 'value="60.00"' in text(sign_in(scene.lead).get(f"{at}/shares"))
    rows = {"shares-0-hr_number": scene.lead.hr_number, "shares-1-hr_number": scene.mate.hr_number}
    wrong = sign_in(scene.lead).post(f"{at}/shares", data=rows | {"shares-0-share": "50", "shares-1-share": "49"})
    assert (wrong.status_code, "The shares sum to 99.00 %." in text(wrong)) == (422, True)
    right = sign_in(scene.lead).post(f"{at}/shares", data=rows | {"shares-0-share": "50", "shares-1-share": "50"})
    assert right.status_code == 303
    db.session.refresh(disclosure)
    assert [share.share_bp for share in disclosure.shares] == [5000, 5000]


def test_nobody_answers_for_another(scene: Scene, sign_in: SignIn) -> None:
    disclosure = scene.disclose()
    at = f"/inventions/{disclosure.public_id}"
    assert sign_in(scene.counsel).post(f"{at}/accept").status_code == 404
    assert sign_in(scene.lead).post(f"{at}/accept").status_code == 403
    assert sign_in(scene.office).post(f"{at}/accept").status_code == 404


def test_counsel_is_told_what_is_missing(scene: Scene, sign_in: SignIn) -> None:
    disclosure = scene.disclose()
    at = f"/inventions/{disclosure.public_id}"
    assert disclosure.number in text(sign_in(scene.counsel).get(f"{at}/care"))
    answer = sign_in(scene.counsel).post(f"{at}/care", data={"reason": " "})
    assert (answer.status_code, "Give a reason." in text(answer)) == (422, True)
    sign_in(scene.counsel).post(f"{at}/care", data={"reason": "Search"})
    answer = sign_in(scene.counsel).post(f"{at}/assess", data={"assessment": ""})
    assert (answer.status_code, "Write down what you found." in text(answer)) == (422, True)
    sign_in(scene.counsel).post(f"{at}/assess", data={"assessment": "New."})
    page = text(sign_in(scene.counsel).get(at))
    assert "The decision waits until all inventors have accepted their shares." in page
    assert sign_in(scene.counsel).post(f"{at}/propose", data={"kind": "invention", "reason": "So"}).status_code == 409
    sign_in(scene.mate).post(f"{at}/accept")
    answer = sign_in(scene.counsel).post(f"{at}/propose", data={"kind": "invention", "reason": ""})
    words = "Give the reason; whoever signs sees it and not the text."
    assert (answer.status_code, words in text(answer)) == (422, True)


def test_a_decision_can_be_refused_with_a_reason(scene: Scene, sign_in: SignIn) -> None:
    disclosure = scene.proposed()
    decision = f"/patents/decisions/{disclosure.public_id}"
    assert "Sign" in text(sign_in(scene.office).get(decision))
    assert sign_in(scene.office).post(f"{decision}/refuse", data={"reason": ""}).status_code == 422
    assert sign_in(scene.office).post(f"{decision}/refuse", data={"reason": "Too dear."}).status_code == 303
    assert "Refused by Office: Too dear." in text(sign_in(scene.counsel).get(decision))


def test_a_decision_page_without_a_proposal_says_so(scene: Scene, sign_in: SignIn) -> None:
    disclosure = scene.disclose()
    page = text(sign_in(scene.office).get(f"/patents/decisions/{disclosure.public_id}"))
    assert "No decision has been proposed yet." in page


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"happened_on": "", "number": application_number()}, "Enter the day, such as 2026-11-24."),
        ({"happened_on": "2023-03-01", "number": ""}, "Enter the number the office gave."),
        ({"happened_on": "2023-02-30", "number": application_number()}, "There is no such day: 2023-02-30."),
        ({"happened_on": "2999-01-01", "number": application_number()}, "This day is yet to come"),
        ({"happened_on": "2023-03-01", "number": "201710601862.4"}, "as in 201710601862.3"),
    ],
)
def test_a_filing_that_cannot_be_is_refused_with_words(
    scene: Scene, sign_in: SignIn, data: dict[str, str], words: str
) -> None:
    address = f"/patents/{scene.matter().public_id}/file"
    assert sign_in(scene.counsel).get(address).status_code == 200
    answer = sign_in(scene.counsel).post(address, data=data)
    assert (answer.status_code, words in text(answer)) == (422, True)


def test_each_step_has_its_form(scene: Scene, sign_in: SignIn) -> None:
    at = f"/patents/{scene.filed().public_id}"
    browser = sign_in(scene.counsel)
    assert [browser.get(f"{at}/{step}").status_code for step in ("publish", "examine", "grant")] == [200, 200, 200]
    assert [sign_in(scene.office).get(f"{at}/{step}").status_code for step in ("publish", "grant")] == [404, 404]


def test_an_entry_is_corrected_by_clicking(scene: Scene, sign_in: SignIn) -> None:
    matter = scene.filed()
    event = matter.events[0]
    address = f"/patents/{matter.public_id}/events/{event.public_id}"
    assert 'value="2023-03-01"' in text(sign_in(scene.counsel).get(address))
    wrong = sign_in(scene.counsel).post(address, data={"happened_on": "2022-05-05", "number": application_number()})
    assert (wrong.status_code, "This number is of 2023, the filing of 2022." in text(wrong)) == (422, True)
    data = {"happened_on": "2023-03-02", "number": application_number()}
    shown = text(sign_in(scene.counsel).post(address, data=data))
    assert ("Nothing is recorded yet." in shown, "2024-03-04" in shown, len(matter.events)) == (True, True, 1)
    data["seen"] = re.search('name="seen" value="([0-9a-f]+)"', shown).group(1)
    assert sign_in(scene.counsel).post(address, data=data).status_code == 303
    page = text(sign_in(scene.counsel).get(f"/patents/{matter.public_id}"))
    assert ("Corrected" in page, "2023-03-02" in page) == (True, True)
    assert sign_in(scene.counsel).get(address).status_code == 404


def test_an_award_is_sent_back_with_a_reason(scene: Scene, sign_in: SignIn) -> None:
    award = scene.calculated()
    at = f"/awards/{award.public_id}"
    page = text(sign_in(scene.hr_b).get(at))
    assert "The rule behind this award is not confirmed by two persons yet." in page
    assert sign_in(scene.hr_b).post(f"{at}/return", data={"reason": "Disputed."}).status_code == 303
    db.session.refresh(award)
    assert award.state == "due"


def test_the_payroll_file_has_the_same_bytes_each_time(scene: Scene, sign_in: SignIn) -> None:
    award = scene.in_payroll()
    browser = sign_in(scene.hr_a)
    first, second = (browser.get(f"/awards/{award.public_id}/payroll.csv") for _ in range(2))
    assert first.data == second.data
    assert first.data.startswith(b"\xef\xbb\xbfline,period,hr_number,")
    assert (first.headers["Content-Type"], first.headers["Content-Disposition"]) == (
        "text/csv; charset=utf-8",
        f"attachment; filename=\"payroll-{award.number}.csv\"; filename*=UTF-8''payroll-{award.number}.csv",
    )  # fmt: skip
    period = f"{clock.today():%Y-%m}"
    rows = first.data.decode("utf-8-sig").split("\r\n")[1:-1]
    assert [row.split(",", 1)[1] for row in rows] == [
        f"{period},{person.hr_number},{person.name},{award.number},{application_number()},{amount},CNY,yes,"
        for person, amount in ((scene.lead, "2400.00"), (scene.mate, "1600.00"))
    ]


def test_the_file_of_an_award_without_lines_has_only_its_head(scene: Scene, sign_in: SignIn) -> None:
    award = scene.granted()
    answer = sign_in(scene.hr_a).get(f"/awards/{award.public_id}/payroll.csv")
    assert len(answer.data.decode().splitlines()) == 1


def test_empty_lists_say_what_would_be_there(scene: Scene, sign_in: SignIn) -> None:
    assert "No inventions yet" in text(sign_in(scene.hr_a).get("/inventions/"))
    assert "Nothing in the docket yet" in text(sign_in(scene.counsel).get("/patents/"))
    assert "No awards yet" in text(sign_in(scene.hr_a).get("/awards/"))


def test_the_part_of_a_venture_shows_what_its_reader_may_see(scene: Scene, app: Flask) -> None:
    scene.taken_up()
    with app.test_request_context():
        shown = {person.name: str(render_parts("venture.show", person, scene.venture)) for person in
                 (scene.lead, scene.office, scene.counsel)}  # fmt: skip
    assert [TEXT["title"] in shown[name] for name in ("Lin Yue", "Office", "Gu Lan")] == [True, False, True]
    assert ("Disclose an invention" in shown["Lin Yue"], "Not published yet" in shown["Office"]) == (True, True)


def test_a_request_taken_back_shows_so(scene: Scene, app: Flask) -> None:
    disclosure = scene.proposed()
    approval = approvals.latest_of(disclosure)
    assert approval is not None
    with scene.make.acting(scene.counsel):
        approval_services.cancel(scene.counsel, approval)
    with app.test_request_context():
        page = render_template("patents/decision.html", disclosure=disclosure, approval=approval)
    assert "The request was taken back" in page


def test_only_roles_of_the_docket_find_it_in_the_menu(scene: Scene, sign_in: SignIn) -> None:
    assert 'href="/patents/"' in text(sign_in(scene.counsel).get("/inventions/"))
    assert 'href="/patents/"' not in text(sign_in(scene.lead).get("/inventions/"))
    assert 'href="/awards/"' in text(sign_in(scene.hr_a).get("/inventions/"))
    stranger = scene.make.person(scene.company, Role.REVIEWER)
    assert 'href="/awards/"' not in text(sign_in(stranger).get("/inventions/"))
