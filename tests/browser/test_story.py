"""The whole chain by clicking, as ten people, on real processes: from a pitch to a sandbox, an award and a share."""

import datetime as dt
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import psycopg
import pytest
from flask import Flask
from playwright.sync_api import Browser, Locator, expect

from incubator.patents.engines.numbers import check_digit
from tests.browser.conftest import demonstrated, readers_of
from tests.browser.story import PARTS, PATIENCE, Cast, Player, Say, yuan

WORDS = tomllib.loads(Path(__file__).with_name("story.toml").read_text("utf-8"))


class Secret(NamedTuple):
    """What the page of the access data shows."""

    host: str
    port: str
    database: str
    user: str
    password: str

    def connect(self) -> psycopg.Connection:
        return psycopg.connect(
            host=self.host, port=self.port, dbname=self.database, user=self.user, password=self.password,
            connect_timeout=10,
        )  # fmt: skip


@pytest.fixture
def cast(
    request: pytest.FixtureRequest,
    servers: dict[str, str],
    template: str,
    worker_id: str,
    shared_app: Flask,
    chromium: Browser,
    tmp_path: Path,
) -> Iterator[Cast]:
    """Everybody of the story, in the language of the test, on a demonstration of their own."""
    site = demonstrated(servers, template, worker_id, tmp_path)
    with shared_app.app_context(), site as (address, people), readers_of(chromium, address) as readers:
        yield Cast(request.param, people, readers, WORDS[request.param])


@pytest.mark.parametrize("cast", ["en", "zh"], indirect=True)
def test_the_story(cast: Cast) -> None:
    number = propose(cast)
    put_to_the_committee(cast)
    review(cast.reviewer, cast, "5445")
    review(cast.second, cast, "5454")
    decide(cast)
    secret = order_a_sandbox(cast)
    award = disclose_and_file(cast)
    pay_the_award(cast, award)
    see_it_freeze(cast, secret)
    grant = grant_a_share(cast)
    walk_back(cast, grant, number)


def propose(cast: Cast) -> str:
    """1. The employee finds the open call, writes, is saved, hands in and gets a receipt. Returns the number."""
    lead, words = cast.employee, cast.words
    lead.picture("home-employee")
    lead.menu("Calls")
    lead.follow(words["call"])
    lead.picture("call")
    lead.press("Write a proposal")
    lead.choose("theme", words["theme"])
    lead.fill(title=words["title"], asked="240,000", **{k: v for k, v in words.items() if k.startswith("answer_")})
    lead.page.locator("[name=answer_readiness]").select_option(index=2)
    lead.fill(answer_months="6")
    expect(lead.page.locator("[data-save-state]")).to_have_text(re.compile(_saved(cast.say)))
    lead.menu("My proposals")
    lead.follow(words["title"])
    lead.follow("Go on writing")
    assert lead.page.input_value("[name=answer_fit]") == words["answer_fit"]
    lead.picture("proposal-edit")
    lead.press("Check and hand in")
    lead.picture("proposal-check")
    lead.press("Hand in")
    assert re.fullmatch("[0-9a-f]{64}", lead.figure("SHA-256"))
    assert re.search(r"\d\d:\d\d", lead.figure("Received"))
    lead.picture("receipt")
    return lead.figure("Number")


def _saved(say: Say) -> str:
    return re.escape(say("Saved %(time)s")).replace(re.escape("%(time)s"), r"\d\d:\d\d")


def put_to_the_committee(cast: Cast) -> None:
    """2. The office checks it and chooses the two reviewers."""
    office, title = cast.office, cast.words["title"]
    office.picture("home-office")
    office.take_up("proposal.screen", title)
    office.press("Begin the check")
    office.take_up("proposal.put", title)
    office.picture("proposal-office")
    office.follow("Put to the committee")
    for part in ("reviewer", "second"):
        office.tick(cast.logins[PARTS[part]].name)
    office.picture("committee")
    office.press("Put to the committee")


def review(reviewer: Player, cast: Cast, scores: str) -> None:
    """2. A reviewer has no conflict, reads, scores by keyboard and seals."""
    reviewer.take_up("review.write", cast.words["title"])
    reviewer.tick(cast.say("No. I am not involved, and can judge it fairly."))
    reviewer.press("Declare")
    assert cast.words["answer_technology"] in reviewer.text()
    keys = reviewer.page.keyboard
    for score in scores:
        keys.press(score)
    keys.press("n")
    keys.type(cast.words["note"])
    for _group in ("confidence", "recommendation"):
        for key in ("Tab", "ArrowDown", "ArrowDown"):
            keys.press(key)
    expect(reviewer.page.locator("[data-scored]")).to_have_text(cast.say("%(done)s of %(all)s scored", done=4, all=4))
    reviewer.picture("review")
    with reviewer.page.expect_event("load"):
        keys.press("Control+Enter")
    reviewer.reader.check()
    assert reviewer.page.locator("[role=alert]").count() == 0, reviewer.text()
    reviewer.menu("Reviews")
    reviewer.follow("Done")
    reviewer.follow(cast.words["title"])
    reviewer.sees(cast.words["note"])


def decide(cast: Cast) -> None:
    """3. The chair closes, the rule decides, two sign, the letters are written, all is released at once."""
    chair, second, call = cast.chair, cast.second, cast.words["call"]
    chair.take_up("round.close_early", call)
    chair.follow(cast.words["theme"])
    chair.sees(cast.words["title"])
    chair.picture("ranking")
    chair.press("Close the round")
    chair.take_up("round.prepare", call)
    chair.press("Let the rule decide")
    chair.take_up("decision.sign", call)
    chair.press("Sign %(num)s decision", "Sign %(num)s decisions", num=5)
    second.take_up("decision.second", call)
    second.picture("decisions")
    second.press("Sign %(num)s decision", "Sign %(num)s decisions", num=5)
    chair.take_up("decision.hold", call)
    chair.press("Have the letters written")
    chair.takes_up_in_time("decision.release", call)
    chair.press("Release the decisions")
    row = chair.page.locator("tr").filter(has_text=cast.words["title"])
    expect(row).to_contain_text(cast.say("Accepted"))


def order_a_sandbox(cast: Cast) -> Secret:
    """4. The lead reads the letter, orders from the credits, sees it being made, and uses it."""
    lead, title = cast.employee, cast.words["title"]
    lead.menu("My proposals")
    lead.follow(title)
    lead.sees("Letter in Chinese" if cast.language == "zh" else "Letter in English")
    lead.picture("proposal-decided")
    lead.menu("Ventures")
    lead.follow(title)
    assert yuan(lead.page.locator("dl.stat").first.inner_text()) == 240_000
    lead.picture("venture")
    lead.take_up("venture.credits", title)
    lead.picture("catalogue")
    lead.follow("PostgreSQL 18 database" if cast.language == "en" else "PostgreSQL 18 数据库")
    lead.tick(cast.say("Load test, by the second") if cast.language == "en" else "压力测试型")
    lead.fill(limit="1.60", days="1")
    lead.picture("order")
    lead.press("Order")
    expect(lead.page.locator("#live [role=status]")).to_be_visible()
    lead.picture("sandbox-new")
    expect(lead.page.locator("#live")).to_contain_text(cast.say("Show the access data"), timeout=PATIENCE)
    lead.reader.check()
    secret = _reveal(lead)
    _use(secret)
    lead.menu("Sandboxes")
    lead.follow(title)
    expect(lead.figure_of("Spent")).not_to_have_text("¥0.00", timeout=PATIENCE)
    assert yuan(lead.page.locator("#live dl.stat").inner_text()) < 1.60
    lead.menu("Ventures")
    lead.follow(title)
    assert yuan(lead.page.locator("dl.stat").first.inner_text()) == 239_998.40
    return secret


def _reveal(lead: Player) -> Secret:
    lead.take_up("sandbox.ready")
    lead.press("Show the access data")
    secret = Secret(*(lead.page.input_value(f"#{name}") for name in Secret._fields))
    answer = lead.page.reload()
    assert answer.status == 410
    lead.reader.check()
    assert secret.password not in lead.page.content()
    return secret


def _use(secret: Secret) -> None:
    with secret.connect() as connection:
        connection.execute("CREATE TABLE reading (at timestamptz DEFAULT now(), celsius numeric)")
        connection.execute("INSERT INTO reading (celsius) SELECT n FROM generate_series(1, 1000) n")
        assert connection.execute("SELECT count(*) FROM reading").fetchone() == (1000,)


def see_it_freeze(cast: Cast, secret: Secret) -> None:
    """4. Usage has come back, the credit went down, and at the limit access was cut."""
    lead = cast.employee
    lead.takes_up_in_time("sandbox.frozen", cast.words["title"])
    lead.picture("sandbox-frozen")
    lead.sees("The limit is used up: access was cut. Nothing was deleted.")
    assert 0 < yuan(lead.figure("Spent")) <= 1.60
    assert yuan(lead.figure("Limit")) == 1.60
    with pytest.raises(psycopg.OperationalError, match="not permitted to log in"):
        secret.connect()
    cast.operator.menu("Sandboxes")
    cast.operator.sees(cast.words["title"])


def disclose_and_file(cast: Cast) -> str:
    """5. Two inventors agree on shares; counsel assesses, a second signs, filing and grant are recorded."""
    lead, counsel, words = cast.employee, cast.counsel, cast.words
    lead.menu("Ventures")
    lead.follow(words["title"])
    lead.follow("Disclose an invention")
    lead.fill(title=words["invention"], problem=words["problem"], solution=words["solution"])
    lead.fill(prior_art=words["prior_art"])
    for said in (
        "Nothing of it was shown or sold, and no day is planned", "The company’s own money",
        "Nobody else has a right in it",
    ):  # fmt: skip
        lead.tick(cast.say(said))
    lead.fill(**{"shares-0-share": "66.67", "shares-1-share": "33.33"})
    lead.fill(**{"shares-1-hr_number": cast.logins[PARTS["operator"]].hr_number})
    lead.picture("invention-new")
    lead.press("Disclose")
    number = re.search(r"I-[0-9A-Z]+", lead.text()).group()
    cast.operator.take_up("inventor_share.answer", words["invention"])
    cast.operator.press("Accept my share")
    counsel.take_up("disclosure.take_up", number)
    counsel.fill(reason=words["reason"])
    counsel.press("Take it up")
    counsel.take_up("disclosure.assess", words["invention"])
    counsel.fill(assessment=words["assessment"])
    counsel.press("Save the assessment")
    counsel.take_up("disclosure.decide", words["invention"])
    counsel.fill(reason=words["reason"])
    counsel.picture("invention-decide")
    counsel.press("Put to a second person")
    cast.office.take_up("approval", number)
    cast.office.press("Sign")
    counsel.take_up("matter.file", words["invention"])
    return record_events(counsel)


def record_events(counsel: Player) -> str:
    """A wrong check digit is refused, the right one taken; then publication, examination and grant."""
    today = dt.datetime.now(dt.UTC).astimezone(dt.timezone(dt.timedelta(hours=8))).date()
    digits = f"{today.year}10012345"[:4] + "10012345"
    right = check_digit(digits)
    wrong = "0" if right != "0" else "1"
    counsel.follow("Record the filing")
    counsel.fill(happened_on=today.isoformat(), number=f"{digits}.{wrong}")
    counsel.press("Record")
    assert counsel.page.locator(".esum").count() == 1
    counsel.picture("filing-wrong")
    counsel.fill(number=f"{digits}.{right}")
    counsel.press("Record")
    for step in ("Record the publication", "Record the start of examination", "Record the grant"):
        counsel.follow(step)
        counsel.fill(happened_on=today.isoformat())
        counsel.press("Record")
    counsel.picture("matter")
    return re.search(r"A-[0-9A-Z]+", counsel.text()).group()


def pay_the_award(cast: Cast, award: str) -> None:
    """5. The rule in force gives the award, split to the fen; one calculates, another approves, and it is paid."""
    hr, checker = cast.hr, cast.checker
    hr.take_up("award.calculate", award)
    hr.press("Calculate and put to approval")
    checker.take_up("approval", award)
    checker.press("Approve")
    checker.picture("award")
    today = checker.page.evaluate("() => new Date().toLocaleDateString('sv')")
    checker.fill(paid_on=today, reference="2026-11/07")
    checker.press("Paid")
    expect(checker.page.locator(".phead")).to_contain_text(cast.say("Paid"))
    lines = checker.page.locator("table").filter(has_text=cast.say("In the payroll total"))
    for part, amount in (("employee", "¥2,666.80"), ("operator", "¥1,333.20")):
        expect(lines.locator("tr").filter(has_text=cast.logins[PARTS[part]].name)).to_contain_text(amount)


def grant_a_share(cast: Cast) -> str:
    """6. A plan and a grant, each drafted by one HR person and checked by another; the holder accepts."""
    hr, checker, lead, title = cast.hr, cast.checker, cast.employee, cast.words["title"]
    draft_plan(hr, title)
    checker.take_up("approval", title)
    checker.press("Approve the plan")
    hr.menu("Equity plans")
    hr.page.locator("tr").filter(has_text=title).get_by_role("link").first.click()
    hr.page.wait_for_url("**/equity/plans/*")
    hr.follow("New grant")
    today = hr.page.evaluate("() => new Date().toLocaleDateString('sv')")
    hr.choose("holder", hr.page.locator("select[name=holder] option").first.inner_text())
    hr.fill(units="48,000", price_minor="1.20", granted_on=today)
    hr.picture("grant-new")
    hr.press("Save and continue")
    hr.fill(starts_on=today, months="48", every_months="12", cliff_months="12")
    hr.picture("grant-vesting")
    hr.press("Save and continue")
    hr.press("Save and continue")
    hr.picture("grant-check")
    hr.press("Submit for approval")
    number = re.search(r"G-[0-9A-Z]+", hr.text()).group()
    checker.take_up("approval", number)
    checker.press("Approve and offer")
    lead.take_up("equity_offer", title)
    lead.picture("grant-offered")
    lead.press("Accept the grant")
    lead.picture("grant")
    lead.menu("My equity")
    expect(lead.page.locator("main svg[role=img]").first).to_be_visible()
    table = lead.page.locator("table").filter(has_text="12,000")
    assert table.locator("tbody tr").filter(has_text="12,000").count() == 4
    lead.picture("equity-mine")
    return number


def draft_plan(hr: Player, title: str) -> None:
    """HR starts the plan from the venture's page."""
    hr.menu("Ventures")
    hr.follow(title)
    hr.follow("New equity plan")
    today = hr.page.evaluate("() => new Date().toLocaleDateString('sv')")
    hr.fill(title_en="Founders’ plan", title_zh="创始团队股权计划", starts_on=today, total="10,000,000", pool="600,000")
    hr.fill(months="48", every_months="12", cliff_months="12")
    hr.choose("kind", hr.say("Restricted share units"))
    hr.picture("plan-new")
    hr.press("Put to approval")


def walk_back(cast: Cast, grant: str, proposal: str) -> None:
    """7. The auditor walks from the share back to the text it began with."""
    auditor, words = cast.auditor, cast.words
    auditor.menu("Audit trail")
    auditor.fill(number=grant, reason=words["case"])
    auditor.press("Open the case")
    auditor.picture("case")
    links = auditor.page.locator("ol[role=list] > li")
    heads = [head.strip() for head in links.locator("h3").all_inner_texts()]
    kinds = ("Equity grant", "Venture", "Decision", "Proposal", "Call")
    assert [head.split(" G-")[0].split(" V-")[0].split(" D-")[0] for head in heads] == [cast.say(k) for k in kinds]
    assert (proposal in heads[3], grant in heads[0]) == (True, True)
    _is_proven(auditor, links, "Equity grant")
    _is_proven(auditor, auditor.page.locator("ul[role=list] > li"), "Review")


def _is_proven(auditor: Player, links: Locator, kind: str) -> None:
    """Every event of the links has an actor, a time, an id and a proof that holds; those of a kind name their rule."""
    for row in links.locator("tbody tr").all():
        step, actor, time, event, proof = [cell.strip() for cell in row.locator("th, td").all_inner_texts()]
        assert all((step, actor, re.search(r"\d\d:\d\d", time), re.fullmatch("[a-z0-9]{16}", event))), row
        assert proof == auditor.say("Proof holds")
    named = links.filter(has=auditor.page.locator("h3", has_text=auditor.say(kind))).first
    expect(named.locator("dl.kv")).to_contain_text(re.compile(r"v\d"))
