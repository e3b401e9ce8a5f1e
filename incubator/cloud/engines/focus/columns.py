"""Which column of a file is which of FOCUS: by its name, by a name of an older or newer version, or by a map.

Source: FinOps Open Cost and Usage Specification, versions 1.0 to 1.3. Version 1.3 replaces ProviderName by
ServiceProviderName, and keeps the old one for a time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

NEEDED = (
    "ProviderName", "BillingAccountId", "BillingPeriodStart", "BillingPeriodEnd", "ChargePeriodStart",
    "ChargePeriodEnd", "SubAccountId", "ServiceName", "ChargeCategory", "BillingCurrency", "BilledCost",
)  # fmt: skip
"""What a file must have; each is mandatory in every version but for its name."""
OPTIONAL = ("ChargeClass",)
NAMES: Mapping[str, tuple[str, ...]] = {"ProviderName": ("ServiceProviderName", "ProviderName", "Provider")}
"""Names that a column has had, the newest first; any other column has had one."""
COST = "BilledCost"


class HeaderError(ValueError):
    """A file without columns that it must have, or with one of them twice. `missing`, `doubled`: their FOCUS names."""

    def __init__(self, missing: Sequence[str], doubled: Sequence[str]) -> None:
        super().__init__(f"missing: {', '.join(missing)}; twice: {', '.join(doubled)}")
        self.missing = tuple(missing)
        self.doubled = tuple(doubled)


HEAD = (
    "ProviderName", "BillingAccountId", "BillingPeriodStart", "BillingPeriodEnd", "SubAccountId", "ServiceName",
    "ChargeCategory", "ChargeClass", "BillingCurrency",
)  # fmt: skip
"""The columns that say what a cost is for, but when: rows that agree in them are many."""
SPAN = ("ChargePeriodStart", "ChargePeriodEnd")


@dataclass(frozen=True, slots=True)
class Columns:
    """Places of the columns in a row: those of HEAD (None for one that is not there), of SPAN, and of the cost.

    width: how many columns the file has.
    """

    head: tuple[int | None, ...]
    span: tuple[int, int]
    cost: int
    width: int


def columns_of(header: Sequence[str], named: Mapping[str, str] | None = None) -> Columns:
    """The columns of a file by its first row. named: FOCUS names with the names that this file has for them.

    Raises HeaderError when a needed column is not there, or is there twice.
    """
    bare = [name.strip().lstrip("\ufeff").strip('"') for name in header]
    found = {name: _places(name, bare, named or {}) for name in (*NEEDED, *OPTIONAL)}
    missing = [name for name in NEEDED if not found[name]]
    doubled = [name for name, places in found.items() if len(places) > 1]
    if missing or doubled:
        raise HeaderError(missing, doubled)
    at = {name: places[0] if places else None for name, places in found.items()}
    start, end = (found[name][0] for name in SPAN)
    return Columns(tuple(at[name] for name in HEAD), (start, end), found[COST][0], len(bare))


def _places(name: str, bare: Sequence[str], named: Mapping[str, str]) -> list[int]:
    """Where a column stands, by the newest of its names that the file has."""
    known = (named[name],) if name in named else NAMES.get(name, (name,))
    found = ([at for at, there in enumerate(bare) if there == one] for one in known)
    return next((places for places in found if places), [])


MARKS: tuple[tuple[str, frozenset[str]], ...] = (
    ("1.3", frozenset({"ServiceProviderName", "HostProviderName", "ContractApplied", "AllocatedMethodId"})),
    ("1.2", frozenset({"InvoiceId", "PricingCurrency", "BillingAccountType", "SubAccountType", "SkuPriceDetails"})),
    ("1.1", frozenset({"CapacityReservationId", "CommitmentDiscountQuantity", "ServiceSubcategory", "SkuMeter"})),
)
"""Columns that came with a version of the specification, the newest first."""


def version_of(header: Sequence[str]) -> str:
    """The version of FOCUS that a header is of: the newest of which it has a column, 1.0 without one."""
    names = {name.strip().lstrip("\ufeff").strip('"') for name in header}
    return next((version for version, marks in MARKS if names & marks), "1.0")
