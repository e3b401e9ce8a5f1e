"""Paraphrases find their proposals; 120 here, 5,000 in `make bench`."""

from benchmarks import similar
from incubator.core.audit import event_of
from incubator.people.models import Role
from incubator.proposals.engines.likeness import terms


def test_paraphrases_find_their_proposals_among_the_first_five(make):
    call = make.call()
    lead, office = make.person(call.company), make.person(call.company, Role.OFFICE)
    known = similar.fill(call, lead, event_of(call, "call.publish"), size=120)
    found = similar.measure(office, known)
    assert {language: len(pairs) for language, pairs in similar.pairs().items()} == {"en": 30, "zh": 30}
    assert (found["en"][0] >= 0.9, found["zh"][0] >= 0.85) == (True, True), found
    others = {name: similar.recalls(method, known) for name, method in similar.methods(office).items()}
    assert list(others) == ["full text", "telling words", "trigrams", "LSI", "meaning"]
    assert max(others[name]["en"] for name in ("full text", "telling words", "trigrams", "LSI")) < found["en"][0]


def test_the_pairs_share_few_words():
    for found in similar.pairs().values():
        shared = [len(set(terms(one)) & set(terms(other))) / len(terms(other)) for one, other in found]
        assert sum(shared) / len(shared) < 0.1
