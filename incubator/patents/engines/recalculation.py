"""Why an amount computed anew differs from the one that stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Content = Mapping[str, Any]
"""An award as it is put to approval: rule, amount, calculation, parts."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is no longer as it was; `key` names a person where it is a share or a part."""

    what: str
    before: Any
    after: Any
    key: str = ""


def differences(before: Content, after: Content) -> tuple[Difference, ...]:
    """What differs, causes before their effects: rule, inputs, shares, amount, last day, parts."""
    found = [_of("rule", before, after), *_inputs(before, after)]
    found += _by_person("share", before["parts"], after["parts"], 1)
    found += [_of("amount", before, after), _of("currency", before, after)]
    found += _by_person("part", before["parts"], after["parts"], 2)
    return tuple(one for one in found if one is not None)


def _of(name: str, before: Content, after: Content) -> Difference | None:
    return None if before[name] == after[name] else Difference(name, before[name], after[name])


def _inputs(before: Content, after: Content) -> list[Difference]:
    old, new = before["calculation"], after["calculation"]
    names = sorted({*old, *new} - {"engine"})
    return [Difference(name, old.get(name), new.get(name)) for name in names if old.get(name) != new.get(name)]


def _by_person(what: str, before: Sequence[Any], after: Sequence[Any], column: int) -> list[Difference]:
    """Persons in the order in which they stand, those who came later at the end."""
    old, new = ({part[0]: part[column] for part in parts} for parts in (before, after))
    return [
        Difference(what, old.get(key, 0), new.get(key, 0), key)
        for key in [*old, *(key for key in new if key not in old)]
        if old.get(key, 0) != new.get(key, 0)
    ]
