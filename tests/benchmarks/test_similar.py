"""Paraphrases find their proposals; 1,000 here, 5,000 in `make bench`."""

from benchmarks import similar
from incubator.core.audit import event_of
from incubator.people.models import Role


def test_paraphrases_find_their_proposals_among_the_first_five(make):
    call = make.call()
    lead, office = make.person(call.company), make.person(call.company, Role.OFFICE)
    known = similar.fill(call, lead, event_of(call, "call.publish"), size=1_000)
    found = similar.measure(office, known)
    assert {language: len(pairs) for language, pairs in similar.pairs().items()} == {"en": 30, "zh": 30}
    assert (found["en"][0] >= 0.9, found["zh"][0] >= 0.85) == (True, True), found
