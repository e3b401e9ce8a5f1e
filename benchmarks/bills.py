"""Deliveries of a cloud bill in FOCUS, made up: as large as asked for, late, corrected, sent twice, or cut short.

`python -m benchmarks.bills FILE --rows 1000000 --late 3` writes one, as Parquet where the name ends so; the same
arguments give the same bytes. DuckDB writes it, so that ten million rows take a minute or two.
"""

import argparse
import datetime as dt
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

from benchmarks.figures import Figure
from incubator.cloud.bill_states import BillKind
from incubator.cloud.engines import focus
from incubator.cloud.jobs import bill_files

T = TypeVar("T")
SECTION = "Bills in FOCUS"
ROWS = 1_000_000
CSV_SECONDS = 40.0
PARQUET_SECONDS = 10.0
MEMORY_MB = 1_500.0
MORE = 5
"""How many times as many rows the larger delivery has."""
ROUNDS = 3
ACCOUNTS = 200
SERVICES = ("Database", "Object storage", "Compute", "Kubernetes", "Network", "Queue", "Search", "Logs")
HEADER = (
    "AvailabilityZone", "BilledCost", "BillingAccountId", "BillingAccountName", "BillingAccountType",
    "BillingCurrency", "BillingPeriodEnd", "BillingPeriodStart", "CapacityReservationId", "CapacityReservationStatus",
    "ChargeCategory", "ChargeClass", "ChargeDescription", "ChargeFrequency", "ChargePeriodEnd", "ChargePeriodStart",
    "CommitmentDiscountCategory", "CommitmentDiscountId", "CommitmentDiscountName", "CommitmentDiscountQuantity",
    "CommitmentDiscountStatus", "CommitmentDiscountType", "CommitmentDiscountUnit", "ConsumedQuantity", "ConsumedUnit",
    "ContractedCost", "ContractedUnitPrice", "EffectiveCost", "InvoiceId", "InvoiceIssuerName", "ListCost",
    "ListUnitPrice", "PricingCategory", "PricingCurrency", "PricingCurrencyContractedUnitPrice",
    "PricingCurrencyEffectiveCost", "PricingCurrencyListUnitPrice", "PricingQuantity", "PricingUnit", "ProviderName",
    "PublisherName", "RegionId", "RegionName", "ResourceId", "ResourceName", "ResourceType", "ServiceCategory",
    "ServiceName", "ServiceSubcategory", "SkuId", "SkuMeter", "SkuPriceDetails", "SkuPriceId", "SubAccountId",
    "SubAccountName", "SubAccountType", "Tags",
)  # fmt: skip
"""The 57 columns of FOCUS 1.2."""
MONTH = dt.datetime(2026, 9, 1, tzinfo=dt.UTC)
HOURS = 720
UNTOLD = 100
"""Every so many rows the sub-account is missing."""


MIXED = "(({0}) * 2862933555777941757::HUGEINT + 3037000493) % 18446744073709551616"
"""What looks like chance and is the same everywhere: a step of a linear congruential generator."""
TEXTS = {
    "BilledCost": "(cost // 100000000) || '.' || lpad(CAST(cost % 100000000 AS VARCHAR), 8, '0')",
    "ChargeCategory": "CASE WHEN number % 997 = 0 THEN 'Credit' ELSE 'Usage' END",
    "ChargePeriodEnd": "strftime(begins + INTERVAL 1 HOUR, '%Y-%m-%dT%H:%M:%SZ')",
    "ChargePeriodStart": "strftime(begins, '%Y-%m-%dT%H:%M:%SZ')",
    "ChargeDescription": "service || ', by the hour'",
    "ServiceName": "service",
    "ResourceId": "printf('res:cloud-one:%06d:%010d', account, number)",
    "SkuId": "printf('SKU%05d', account % 50)",
    "SubAccountId": f"CASE WHEN number % {UNTOLD} = 0 THEN '' ELSE printf('sub-%05d', account) END",
    "SubAccountName": "printf('Sandbox %d', account)",
    "Tags": """printf('{"sandbox": "SB-%06d", "stage": "pilot"}', account)""",
}
SAID = {
    "BillingAccountId": "B-0001", "BillingCurrency": "CNY", "BillingPeriodStart": f"{MONTH:%Y-%m-%dT%H:%M:%SZ}",
    "BillingPeriodEnd": f"{MONTH + dt.timedelta(days=30):%Y-%m-%dT%H:%M:%SZ}", "ChargeFrequency": "Usage-Based",
    "ProviderName": "Cloud One", "PublisherName": "Cloud One Ltd", "InvoiceIssuerName": "Cloud One Ltd",
    "RegionId": "cn-north-1", "ConsumedQuantity": "1.000000", "ConsumedUnit": "Hours", "PricingCategory": "Standard",
    "PricingUnit": "Hours", "ListCost": "0.00000000",
}  # fmt: skip


def write(
    path: Path, count: int, *, seed: int = 1, late: int = 0, corrected: int | None = None, cut: int = 0
) -> int:  # fmt: skip
    """A delivery of one month, as Parquet (zstd) where its name says so, else as CSV; how many rows it has.

    count: rows before any is late. late: per cent of them that come only with the next delivery. corrected: the account
    whose costs are halved. cut: bytes that are missing at its end.
    """
    import duckdb

    columns = ", ".join(f"{TEXTS.get(name, _quoted(SAID.get(name, '')))} AS {name}" for name in HEADER)
    services = ", ".join(map(_quoted, SERVICES))
    half = "cost" if corrected is None else f"CASE WHEN account = {corrected:d} THEN cost // 2 ELSE cost END"
    first, second = MIXED.format(f"range + {seed:d} * 1000003"), MIXED.format("chance // 2147483648 + number")
    told = (
        f"SELECT {columns} FROM (SELECT number, account, begins, {half} AS cost, "
        f"[{services}][account % {len(SERVICES)} + 1] AS service FROM (SELECT number, "
        f"CAST(other // 4096 % {ACCOUNTS} AS INTEGER) AS account, "
        f"TIMESTAMP '{MONTH:%Y-%m-%d}' + to_hours(CAST(other // 1048576 % {HOURS} AS INTEGER)) AS begins, "
        "CAST(chance // 65536 % 999999999 + 1 AS BIGINT) AS cost, CAST(other // 1073741824 % 100 AS INTEGER) AS share "
        f"FROM (SELECT number, chance, {second} AS other FROM "
        f"(SELECT range AS number, {first} AS chance FROM range({count:d})))) WHERE share >= {late:d})"
    )
    form = "FORMAT parquet, COMPRESSION zstd" if path.suffix == ".parquet" else "FORMAT csv, HEADER"
    with duckdb.connect() as connection:
        (made,) = connection.execute(f"COPY ({told}) TO {_quoted(str(path))} ({form})").fetchall()[0]
    if cut:
        with path.open("r+b") as file:
            file.truncate(max(path.stat().st_size - cut, 0))
    return int(made)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def bare(path: Path) -> float:
    """Seconds in which DuckDB alone reads a file and adds it up by account, day and currency."""
    import duckdb

    source = f"read_parquet('{path}')" if path.suffix == ".parquet" else f"read_csv('{path}', all_varchar = true)"
    begun = time.perf_counter()
    with duckdb.connect(config={"threads": bill_files.THREADS}) as connection:
        connection.execute(
            "SELECT BillingAccountId, SubAccountId, CAST(ChargePeriodStart AS TIMESTAMP)::DATE, BillingCurrency, "
            f"ChargeCategory, sum(BilledCost::DECIMAL(38, 18)) FROM {source} GROUP BY ALL"
        ).fetchall()
    return time.perf_counter() - begun


def settle(path: Path) -> tuple[float, int, int, float]:
    """A delivery read, checked and settled, and then once more: seconds of one pass, postings of the first and of the
    second, and the most memory of the process in MB."""
    import duckdb  # noqa: F401 - a worker has it already; it is not what is measured

    kind = BillKind.PARQUET if path.suffix == ".parquet" else BillKind.CSV
    begun = time.perf_counter()
    posted: dict[tuple[str, str, dt.date], int] = {}
    counts = []
    for _pass in range(2):
        found = bill_files.read(path, kind, path.parent).reading
        (unit,) = found.counts
        charged = focus.shares(found.costs, unit, lambda key: key, {"CNY": 2})
        counts.append(len(focus.differences(charged, posted)))
        posted = charged
    seconds = (time.perf_counter() - begun) / 2
    return seconds, *counts, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # type: ignore[return-value]


def measure(count: int = ROWS) -> list[Figure]:
    """How long a delivery of so many rows takes to be read, checked and settled, in a process of its own, and how long
    one of five times as many; the goals are for a million."""
    figures, parquet = [], 0.0
    with tempfile.TemporaryDirectory() as folder:
        for ending, most in ((".csv", CSV_SECONDS), (".parquet", PARQUET_SECONDS)):
            path = Path(folder) / f"bill{ending}"
            write(path, count)
            parquet, found = _of_file(path, count, most)
            figures += found
        path = Path(folder) / "large.parquet"
        write(path, MORE * count)
        seconds, _first, _again, peak = min(_alone(settle, path) for _round in range(ROUNDS))
    name = f"{MORE * count:,} rows of parquet"
    return [
        *figures,
        Figure(SECTION, f"{name}: as a multiple of {count:,}", seconds / parquet, "x", 1.5 * MORE),
        Figure(SECTION, f"{name}: most memory of the process", peak, "MB", MEMORY_MB),
    ]


def _alone(act: Callable[[Path], T], path: Path) -> T:
    """What a process of its own finds."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(act, path).result()


def _of_file(path: Path, count: int, most: float) -> tuple[float, list[Figure]]:
    """The seconds of a pass, and the figures; DuckDB's and ours in turn, the best of each."""
    size, name = path.stat().st_size / 10**6, path.suffix.removeprefix(".")
    bares, passes = [], []
    for _round in range(ROUNDS):
        bares.append(_alone(bare, path))
        passes.append(_alone(settle, path))
    seconds, first, again, peak = min(passes)
    ratio = seconds / min(bares)
    return seconds, [
        Figure(SECTION, f"{count:,} rows of {name} ({size:,.0f} MB)", seconds, "s", most * max(count / ROWS, 0.1)),
        Figure(SECTION, f"{name}: as a multiple of DuckDB's bare read", ratio, "x", 2 if count >= ROWS else None),
        Figure(SECTION, f"{name}: most memory of the process", peak, "MB", MEMORY_MB),
        Figure(SECTION, f"{name}: postings of the first delivery", first, "postings"),
        Figure(SECTION, f"{name}: postings of the same delivery again", again, "postings", 0),
    ]


def main(arguments: Sequence[str]) -> int:
    """Write one delivery."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bills", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--late", type=int, default=0, metavar="PERCENT", help="rows that are not there yet")
    parser.add_argument("--corrected", type=int, metavar="ACCOUNT", help="the account whose costs are halved")
    parser.add_argument("--cut", type=int, default=0, metavar="BYTES", help="cut short by so many bytes")
    chosen = parser.parse_args(arguments)
    made = write(
        chosen.file, chosen.rows, seed=chosen.seed, late=chosen.late, corrected=chosen.corrected, cut=chosen.cut
    )
    print(f"{made:,} rows")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
