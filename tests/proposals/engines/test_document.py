from incubator.proposals.engines.document import digest


def test_the_hash_is_that_of_the_canonical_json_whatever_the_order():
    assert digest({"b": 1, "a": "余热"}) == digest({"a": "余热", "b": 1})
    assert digest({"a": 1}).hex() == "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862"
