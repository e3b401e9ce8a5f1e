"""Another budget or other weights on scores that stand."""

from hypothesis import given
from hypothesis import strategies as st

from incubator.reviews.engines.scoring import Criterion, Rubric
from incubator.reviews.engines.what_if import Entrant, Standing, Terms, reweighed, stand


def entrant(key: str, cost: int, total: int, draws: list[int] | None = None, **means: int | None) -> Entrant:
    return Entrant(key, cost, total, means, draws)


def funded(found: list[Standing]) -> list[str]:
    return [one.key for one in found if one.funded]


THREE = [entrant("a", 50, 450), entrant("b", 60, 400), entrant("c", 40, 350)]


def test_the_budget_goes_to_the_best_in_turn():
    assert funded(stand(THREE, Terms(100))) == ["a", "c"]
    assert funded(stand(THREE, Terms(100, stops=True))) == ["a"]
    assert funded(stand(THREE, Terms(200, minimum=400))) == ["a", "b"]
    assert [one.place for one in stand(THREE, Terms(0))] == [1, 2, 3]
    assert {one.chance for one in stand(THREE, Terms(100))} == {None}


def test_other_weights_by_hand():
    rubric = Rubric((Criterion("x", 3), Criterion("y", 1, lower_is_better=True)))
    # z: x (4-1)/4 = 3/4, y 1-(2-1)/4 = 3/4 -> 75 -> 1+4*0.75 = 4.00
    assert reweighed(entrant("a", 1, 300, x=400, y=200), rubric) == 400
    assert reweighed(entrant("a", 1, 300, x=500, y=None), rubric) == 500
    assert reweighed(entrant("a", 1, 300), rubric) == 300
    assert [one.key for one in stand(THREE, Terms(100), {"a": 100, "b": 200, "c": 300})] == ["c", "b", "a"]


def test_chances_count_the_draws_and_move_with_the_mean():
    some = [entrant("a", 10, 400, [410, 390, 400, 300]), entrant("b", 10, 390, [400, 395, 380, 395])]
    assert {one.key: one.chance for one in stand(some, Terms(10))} == {"a": 5_000, "b": 5_000}
    assert {one.key: one.chance for one in stand(some, Terms(10), {"a": 600, "b": 390})} == {"a": 10_000, "b": 0}
    assert {one.chance for one in stand([*some, entrant("c", 1, 1)], Terms(10))} == {None}


@given(st.lists(st.tuples(st.integers(1, 50), st.integers(100, 500)), max_size=20), st.integers(0, 300))
def test_never_more_than_the_budget_and_never_fewer_with_more(rows: list[tuple[int, int]], budget: int):
    some = [entrant(str(n), cost, total, [total]) for n, (cost, total) in enumerate(rows)]
    found = stand(some, Terms(budget))
    costs = {one.key: one.cost for one in some}
    assert sum(costs[key] for key in funded(found)) <= budget
    assert {one.key for one in found if one.chance == 10_000} >= set(funded(found)) or len(
        {total for _, total in rows}
    ) < len(rows)
    assert funded(stand(some, Terms(10_000))) == [one.key for one in found]
