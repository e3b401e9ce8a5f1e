import threading

import pytest
from sqlalchemy import select

from incubator.core.db import db
from incubator.core.transaction import transaction
from incubator.notifications import services
from incubator.notifications.models import Notice
from incubator.people.models import PersonCounts

KIND = "proposal.team_accepted"


def tell(person, kind, **values):
    with transaction():
        return services.notify(person.id, kind, "/calls/", **values)


def counts(person):
    return db.session.scalar(select(PersonCounts.counts).where(PersonCounts.person_id == person.id))


def test_a_notice_is_put_into_the_readers_words_when_read(client, make, sign_in):
    person = make.person()
    tell(person, KIND, title="<b>Desk</b>")
    sign_in(person)

    assert "Everybody has agreed to the shares of “&lt;b&gt;Desk&lt;/b&gt;”." in client.get("/notices").text
    client.set_cookie("language", "zh")
    page = client.get("/notices").text
    assert "&lt;b&gt;Desk&lt;/b&gt;" in page
    assert "Everybody" not in page


def test_the_bell_counts_what_is_unread(client, make, sign_in):
    person, other = make.person(), make.person()
    tell(person, KIND, title="1")
    tell(person, KIND, title="2")
    tell(other, KIND, title="3")
    assert counts(person) == {"notices": 2}

    sign_in(person)
    assert "2 new notices" in client.get("/").text
    assert client.post("/notices/read").location == "/notices"
    assert counts(person) == {"notices": 0}
    assert counts(other) == {"notices": 1}
    assert "Mark all as read" not in client.get("/notices").text
    assert {notice.read_at is None for notice in db.session.scalars(select(Notice).filter_by(person_id=other.id))} == {
        True
    }


def test_nobody_sees_anothers_notices(client, make, sign_in):
    tell(make.person(), KIND, title="Secret")
    sign_in(make.person())

    assert "No notices yet" in client.get("/notices").text


def test_many_notices_are_paged_by_key_and_none_is_shown_twice(client, make, sign_in):
    person = make.person()
    for number in range(55):
        tell(person, KIND, title=f"no. {number:03}")
    sign_in(person)

    first = client.get("/notices").text
    older = first.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    second = client.get(older).text
    shown = [[f"no. {n:03}" in page for page in (first, second)] for n in range(55)]
    assert shown == [[False, True]] * 5 + [[True, False]] * 50
    newer = second.split('rel="prev"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    assert "no. 054" in client.get(newer).text


@pytest.mark.committed
def test_notices_at_once_are_all_counted(app, make):
    person = make.person().id
    barrier = threading.Barrier(12)

    def send(number):
        with app.app_context():
            barrier.wait()
            with transaction():
                services.notify(person, KIND, "/calls/", title=str(number))
            db.session.remove()

    threads = [threading.Thread(target=send, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert db.session.scalar(select(PersonCounts.counts).where(PersonCounts.person_id == person)) == {"notices": 12}
