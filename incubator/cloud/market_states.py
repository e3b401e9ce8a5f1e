"""Kinds and choices of the catalogue and of the credits."""

from enum import StrEnum


class WishKind(StrEnum):
    """What a second person is asked to sign."""

    PRICE = "price"
    POLICY = "policy"
    RATES = "rates"
    TOP_UP = "top_up"
    EXTENSION = "extension"


class Unit(StrEnum):
    """What a price is for."""

    HOUR = "hour"
    SEAT_MONTH = "seat_month"
    GB_MONTH = "gb_month"
    SITE_MONTH = "site_month"
    MONTH = "month"


class Category(StrEnum):
    """What kind of thing an offer is."""

    COMPUTE = "compute"
    DATABASE = "database"
    STORAGE = "storage"
    KUBERNETES = "kubernetes"
    SAAS = "saas"
    SECURITY = "security"
    DATA_SET = "data_set"
    RESOURCE = "resource"


class Region(StrEnum):
    """Where an offer runs."""

    NORTH = "cn-north"
    EAST = "cn-east"
    SOUTH = "cn-south"
    WEST = "cn-west"
    HONG_KONG = "hong-kong"
    ABROAD = "abroad"


class CreditFault(StrEnum):
    """What the nightly proof found."""

    BALANCE = "balance"
    ENTRY = "entry"
    HOLD = "hold"
    SPENT = "spent"
    DAYS = "days"
    GRANT = "grant"
