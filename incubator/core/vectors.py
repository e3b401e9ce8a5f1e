"""Vectors of pgvector (16 bits a number) as columns: lists of floats in Python."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Dialect
from sqlalchemy.types import UserDefinedType


class HalfVector(UserDefinedType[Sequence[float]]):
    """A column of so many numbers; distances are asked with `column.op('<=>')(other)` (cosine)."""

    cache_ok = True

    def __init__(self, size: int) -> None:
        self.size = size

    def get_col_spec(self, **_options: Any) -> str:
        """The type's name in SQL."""
        return f"halfvec({self.size})"

    def bind_processor(self, _dialect: Dialect) -> Callable[[Sequence[float] | None], str | None]:
        """How a vector is written."""
        return lambda given: None if given is None else "[" + ",".join(f"{number:.5g}" for number in given) + "]"

    def result_processor(self, _dialect: Dialect, _type: Any) -> Callable[[str | None], list[float] | None]:
        """How a vector is read."""
        return lambda found: None if found is None else [float(number) for number in found.strip("[]").split(",")]
