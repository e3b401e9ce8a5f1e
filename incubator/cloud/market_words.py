"""Words of the catalogue and of the credits: kinds, regions, units, levels, kinds of account."""

from flask_babel import lazy_gettext as _l

from incubator.cloud.market_states import Category, CreditFault, Region, Unit, WishKind
from incubator.ventures.states import VentureState

CATEGORIES: dict[Category, object] = {
    Category.COMPUTE: _l("Compute"),
    Category.DATABASE: _l("Databases"),
    Category.STORAGE: _l("Object storage"),
    Category.KUBERNETES: _l("Kubernetes"),
    Category.SAAS: _l("Software by the seat"),
    Category.SECURITY: _l("Security services"),
    Category.DATA_SET: _l("Data sets of the group"),
    Category.RESOURCE: _l("Other resources of the group"),
}
REGIONS: dict[Region, object] = {
    Region.NORTH: _l("North China"),
    Region.EAST: _l("East China"),
    Region.SOUTH: _l("South China"),
    Region.WEST: _l("West China"),
    Region.HONG_KONG: _l("Hong Kong"),
    Region.ABROAD: _l("Outside China"),
}
UNITS: dict[Unit, object] = {
    Unit.HOUR: _l("an hour"),
    Unit.SEAT_MONTH: _l("a seat and month"),
    Unit.GB_MONTH: _l("a GB and month"),
    Unit.SITE_MONTH: _l("a site and month"),
    Unit.MONTH: _l("a month"),
}
LEVELS: dict[int, object] = {
    0: _l("Not classified"),
    1: _l("MLPS level 1"),
    2: _l("MLPS level 2"),
    3: _l("MLPS level 3"),
    4: _l("MLPS level 4"),
    5: _l("MLPS level 5"),
}
CURRENCIES = {"CNY": "CNY", "USD": "USD", "EUR": "EUR", "HKD": "HKD"}
STAGES: dict[VentureState, object] = {
    VentureState.CHARTERED: _l("Chartered"),
    VentureState.SANDBOX: _l("In the sandbox"),
    VentureState.VALIDATION: _l("In validation"),
    VentureState.PILOT: _l("In pilot"),
    VentureState.SCALE: _l("Scaling up"),
}
WISHES: dict[WishKind, object] = {
    WishKind.PRICE: _l("New price"),
    WishKind.POLICY: _l("Preferential policy"),
    WishKind.RATES: _l("Exchange rates"),
    WishKind.TOP_UP: _l("More cloud credits"),
    WishKind.EXTENSION: _l("Longer lease"),
}
ACCOUNTS: dict[str, object] = {
    "external": _l("Funding from outside"),
    "pool": _l("Credit pools"),
    "grant": _l("Granted, left to order with"),
    "hold": _l("Set aside for sandboxes"),
    "spent": _l("Spent"),
    "fx": _l("Exchange"),
    "suspense": _l("In suspense"),
    "billed": _l("Billed by providers, not yet charged"),
    "overhead": _l("Charged to the company"),
}
FAULTS: dict[CreditFault, object] = {
    CreditFault.BALANCE: _l("A balance is not the sum of its postings"),
    CreditFault.ENTRY: _l("An entry does not sum to zero"),
    CreditFault.HOLD: _l("What is set aside does not fit the lease"),
    CreditFault.SPENT: _l("What is spent does not fit the meter"),
    CreditFault.DAYS: _l("The daily totals do not fit the balance"),
    CreditFault.GRANT: _l("What was granted is not left, set aside or spent"),
}
FREEZES: dict[int, object] = {
    1: _l("1: nothing new is ordered"),
    2: _l("2: access is cut"),
    3: _l("3: what runs is stopped"),
}
