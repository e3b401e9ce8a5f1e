"""Mails: one a notice, in the reader's language, telling what the page tells; once, whatever breaks."""

import datetime as dt
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from sqlalchemy import select, update

from incubator.core import clock
from incubator.core.db import db
from incubator.core.transaction import transaction
from incubator.notifications import jobs, services
from incubator.notifications.models import Delivery, Mail, MailState, Notice
from incubator.notifications.services import mails
from incubator.notifications.words import GROUPS, WORDS, group_of
from incubator.people.models import Person, PersonCounts
from tests.notifications.smtpd import MailServer

KIND = "proposal.team_accepted"
TITLE = "Heat & power\nfrom “server rooms”"


@pytest.fixture
def use(app) -> Iterator[Callable[..., None]]:
    """Let the installation send mail by a server: `use(server.url)`."""
    before = app.extensions["settings"]

    def act(url: str | None) -> None:
        site = "https://incubator.example.com"
        app.extensions["settings"] = replace(before, smtp_url=url, mail_from="incubator@example.com", public_url=site)

    yield act
    app.extensions["settings"] = before


@pytest.fixture
def server(use) -> Iterator[MailServer]:
    with MailServer() as server:
        use(server.url)
        yield server


def tell(person: Person, kind: str = KIND, **values: str) -> Notice:
    with transaction():
        return services.notify(person.id, kind, "/proposals/abc", **({"title": TITLE} | values))


def choose(person: Person, **choices: Delivery) -> None:
    with transaction():
        services.choose(person, choices)


def states() -> list[tuple[MailState, int, str | None]]:
    db.session.expire_all()
    return [(mail.state, mail.attempts, mail.error) for mail in db.session.scalars(select(Mail).order_by(Mail.id))]


def later(**time: float) -> None:
    """Let time pass for mails that wait."""
    with transaction():
        db.session.execute(update(Mail).values(due_at=Mail.due_at - dt.timedelta(**time)))


# ---- what a mail says


def test_a_notice_is_mailed_at_once_and_says_what_the_page_says(server, make):
    person = make.person(name="Lin Yue")
    tell(person)

    assert jobs.send_mail() == 1
    ((sender, receiver, message),) = server.mails
    assert (sender, receiver) == ("incubator@example.com", person.email)
    assert message["Subject"] == "Everybody has agreed to the shares of “Heat & power from “server rooms””."
    assert message["To"] == f"Lin Yue <{person.email}>"
    assert message["From"] == "Incubator <incubator@example.com>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"] == f"<{db.session.scalar(select(Mail.public_id))}@incubator.example.com>"
    assert message.get_content().replace("\r\n", "\n") == (
        "Good day, Lin Yue\n\n"
        f"Everybody has agreed to the shares of “{TITLE}”.\n"
        "https://incubator.example.com/proposals/abc\n\n"
        "--\n"
        "You get this mail by your choice for “Your proposals and calls”. Choose otherwise: "
        "https://incubator.example.com/notices/choices\n"
    )
    assert states() == [(MailState.SENT, 1, None)]


def test_a_mail_speaks_its_readers_language(server, make):
    tell(make.person(name="林悦", language="zh"))
    jobs.send_mail()
    ((_, _, message),) = server.mails

    assert "“server rooms”" in message.get_content()
    assert ("Everybody" in message.get_content(), "Good day" in message.get_content()) == (False, False)
    assert (message["Content-Language"], message["To"].addresses[0].display_name) == ("zh", "林悦")


def test_every_kind_of_notice_is_in_a_group():
    assert {group_of(kind) for kind in WORDS} <= set(GROUPS) - {"other"}
    assert group_of("something.new") == "other"
    assert group_of("decision.released") == "proposals"


# ---- once


def test_a_mail_is_sent_once_however_often_the_job_runs(server, make):
    person = make.person()
    tell(person)
    tell(person)

    assert [jobs.send_mail() for _ in range(3)] == [2, 0, 0]
    assert len(server.mails) == 2


@pytest.mark.committed
def test_workers_at_once_send_each_mail_once(server, app, make):
    people = [make.person() for _ in range(5)]
    for number in range(60):
        tell(people[number % 5], title=str(number))
    barrier = threading.Barrier(4)

    def work() -> None:
        with app.app_context():
            barrier.wait()
            jobs.send_mail()
            db.session.remove()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(server.mails) == 60
    assert len({message["Message-ID"] for _, _, message in server.mails}) == 60
    assert {state for state, _, _ in states()} == {MailState.SENT}


def test_a_second_mail_about_the_same_is_refused_by_the_database(server, make):
    notice = tell(make.person())
    with pytest.raises(Exception, match="uq_mail_key"), transaction():
        mails.mail_soon(notice.person_id, [notice], f"notice:{notice.public_id}")


def test_what_a_dead_worker_was_sending_is_not_sent_again(server, make):
    tell(make.person())
    with transaction():
        assert len(services.claim_due()) == 1
    assert jobs.send_mail() == 0
    with transaction():
        db.session.execute(update(Mail).values(begun_at=clock.now() - dt.timedelta(minutes=16)))
    assert jobs.send_mail() == 0

    assert server.mails == []
    assert states() == [(MailState.FAILED, 1, "interrupted while being sent; not sent again")]


def test_a_mail_whose_fate_is_unknown_is_not_sent_again(use, make):
    with MailServer(lambda verb, _argument: "" if verb == "END" else None) as server:
        use(server.url)
        tell(make.person())
        jobs.send_mail()
    ((state, attempts, error),) = states()
    assert (state, attempts) == (MailState.FAILED, 1)
    assert error.startswith("the connection broke while it was handed over")


# ---- again, where it may pass


def test_a_server_that_is_away_is_asked_again_later(use, make):
    with MailServer() as gone:
        pass
    use(gone.url)
    tell(make.person())
    assert jobs.send_mail() == 0
    assert states() == [(MailState.QUEUED, 1, "the server was not reached")]
    with MailServer() as server:
        use(server.url)
        assert jobs.send_mail() == 0  # not yet due again
        later(minutes=2)
        assert jobs.send_mail() == 1
        assert len(server.mails) == 1
    assert states() == [(MailState.SENT, 2, None)]


@pytest.mark.parametrize(
    ("verb", "answer", "after"),
    [
        ("RCPT", "451 try later", MailState.QUEUED),
        ("RCPT", "550 no such person", MailState.FAILED),
        ("MAIL", "550 not you", MailState.FAILED),
        ("DATA", "421 busy", MailState.QUEUED),
        ("DATA", "554 no", MailState.FAILED),
        ("END", "452 full", MailState.QUEUED),
        ("END", "552 too large", MailState.FAILED),
        ("RCPT", "", MailState.QUEUED),
    ],
)
def test_what_the_server_says_decides_whether_to_try_again(use, make, verb, answer, after):
    with MailServer(lambda said, _argument: answer if said == verb else None) as server:
        use(server.url)
        tell(make.person())
        jobs.send_mail()
    ((state, attempts, error),) = states()
    assert (state, attempts, server.mails) == (after, 1, [])
    assert answer in error


def test_a_refused_mail_does_not_hold_up_the_next(use, make):
    bad, good = make.person(), make.person()
    with MailServer(lambda verb, argument: "550 no" if verb == "RCPT" and bad.email in argument else None) as server:
        use(server.url)
        tell(bad)
        tell(good)
        jobs.send_mail()
    assert [receiver for _, receiver, _ in server.mails] == [good.email]


def test_after_the_last_try_it_has_failed(use, make):
    with MailServer(lambda verb, _argument: "451 later" if verb == "RCPT" else None) as server:
        use(server.url)
        tell(make.person())
        for _ in range(10):
            jobs.send_mail()
            later(days=1)
    assert states() == [(MailState.FAILED, len(mails.BACKOFF) + 1, "451 later")]


def test_who_has_left_gets_none(server, make):
    person = make.person()
    tell(person)
    with transaction():
        person.left_on = clock.today()
    jobs.send_mail()
    assert server.mails == []
    assert states() == [(MailState.FAILED, 1, "the person has left or has no address")]


def test_a_server_may_ask_for_a_password(use, make):
    with MailServer() as server:
        use(server.url.replace("//", "//user%40x:p%2Fw@"))
        tell(make.person())
        assert jobs.send_mail() == 1
    assert "AUTH" in server.verbs


def test_starttls_and_tls_are_insisted_on(use, make):
    for scheme in ("smtp+starttls", "smtps"):
        with MailServer() as server:
            use(server.url.replace("smtp", scheme, 1))
            if scheme == "smtps":
                server.socket.close()
            tell(make.person())
            assert jobs.send_mail() == 0
            assert server.mails == []
            later(days=-1)


# ---- what people choose


def test_without_a_server_nothing_is_queued(make, app):
    person = make.person()
    notice = tell(person)
    assert (jobs.send_mail(), jobs.gather_digests(), states(), notice.mail_id) == (0, 0, [], None)


def test_off_is_kept_and_neither_counted_nor_mailed(server, make):
    person = make.person()
    choose(person, proposals=Delivery.OFF)
    notice = tell(person)
    assert notice.read_at is not None
    assert (jobs.send_mail(), jobs.gather_digests()) == (0, 0)
    assert db.session.scalar(select(PersonCounts.counts).filter_by(person_id=person.id)) == {"notices": 0}


def test_here_only_is_counted_and_not_mailed(server, make):
    person = make.person()
    choose(person, proposals=Delivery.APP)
    tell(person)
    tell(person, "review.assigned", due="2026-12-01")
    assert jobs.send_mail() == 1
    assert "review" in server.mails[0][2]["Subject"]


def at(hour: int, days: int = 0) -> dt.datetime:
    today = clock.today() + dt.timedelta(days=days)
    return dt.datetime.combine(today, dt.time(hour), clock.GROUP_ZONE)


def test_a_day_s_notices_are_gathered_into_one_mail(server, make):
    person, other = make.person(), make.person()
    for reader in (person, other):
        choose(reader, proposals=Delivery.DIGEST)
    with clock.travelled(at(5, days=1)):
        first, second = tell(person, title="One"), tell(person, title="Two")
        read = tell(other, title="Read already")
        tell(person, "review.assigned", due="2026-12-01")
        with transaction():
            services.read_all(other)
        assert jobs.gather_digests() == 0  # before seven
        jobs.send_mail()
    with clock.travelled(at(7, days=1)):
        assert (jobs.gather_digests(), jobs.gather_digests()) == (1, 0)
        tell(person, title="Three")
        assert jobs.gather_digests() == 0  # one a day
        assert jobs.send_mail() == 1
    with clock.travelled(at(8, days=2)):
        assert (jobs.gather_digests(), jobs.send_mail()) == (1, 1)

    subjects = [message["Subject"] for _, _, message in server.mails]
    assert subjects[1] == "2 notices for you"
    assert subjects[2] == "Everybody has agreed to the shares of “Three”."
    text = server.mails[1][2].get_content()
    assert text.index("“One”") < text.index("“Two”")
    assert db.session.get(Notice, first.id).mail_id == db.session.get(Notice, second.id).mail_id
    assert db.session.get(Notice, read.id).mail_id is None


def test_the_page_shows_and_keeps_the_choices(client, make, sign_in, use):
    person = make.person()
    sign_in(person)
    page = client.get("/notices/choices").text
    assert "This installation sends no mail" in page
    assert page.count('value="mail" id="equity" checked') == 1

    use("smtp://127.0.0.1:1")
    assert "This installation sends no mail" not in client.get("/notices/choices").text
    chosen = dict.fromkeys(GROUPS, "app") | {"equity": "off"}
    assert client.post("/notices/choices", data=chosen).location == "/notices/choices"
    page = client.get("/notices/choices").text
    assert page.count("checked") == len(GROUPS)
    assert 'value="off" id="equity-3" checked' in page

    answer = client.post("/notices/choices", data=chosen | {"equity": "pigeon"})
    assert (answer.status_code, "Not a valid choice" in answer.text) == (422, True)
    assert 'value="off" id="equity-3" checked' in client.get("/notices/choices").text
