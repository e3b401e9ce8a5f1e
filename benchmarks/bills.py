"""Deliveries of a cloud bill in FOCUS, made up: as large as asked for, late, corrected, sent twice, or cut short.

`python -m benchmarks.bills FILE --rows 1000000 --late 3` writes one; the same arguments give the same bytes.
"""

import argparse
import csv
import datetime as dt
import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from random import Random

from benchmarks.figures import Figure
from incubator.cloud.bill_states import BillKind
from incubator.cloud.engines import focus
from incubator.cloud.jobs import bill_files

SECTION = "Bills in FOCUS"
ROWS = 1_000_000
CSV_SECONDS = 40.0
PARQUET_SECONDS = 10.0
MEMORY_MB = 1_500.0
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


def rows(count: int, *, seed: int = 1, late: int = 0, corrected: int | None = None) -> Iterator[list[str]]:
    """So many rows of one month. late: per cent of them that come only with the next delivery. corrected: the account
    whose costs are halved."""
    chance = Random(seed)
    for number in range(count):
        account, hour = chance.randrange(ACCOUNTS), chance.randrange(HOURS)
        cost = chance.randrange(1, 10**9)
        if chance.randrange(100) >= late:
            yield _row(number, account, hour, cost // 2 if account == corrected else cost, SERVICES[account % 8])


def _row(number: int, account: int, hour: int, cost: int, service: str) -> list[str]:
    start = MONTH + dt.timedelta(hours=hour)
    told = {
        "BilledCost": f"{cost // 10**8}.{cost % 10**8:08}", "BillingAccountId": "B-0001", "BillingCurrency": "CNY",
        "BillingPeriodStart": _time(MONTH), "BillingPeriodEnd": _time(MONTH + dt.timedelta(days=30)),
        "ChargeCategory": "Credit" if number % 997 == 0 else "Usage", "ChargeFrequency": "Usage-Based",
        "ChargePeriodStart": _time(start), "ChargePeriodEnd": _time(start + dt.timedelta(hours=1)),
        "ChargeDescription": f"{service}, by the hour", "ProviderName": "Cloud One", "PublisherName": "Cloud One Ltd",
        "InvoiceIssuerName": "Cloud One Ltd", "RegionId": "cn-north-1", "ServiceName": service,
        "ResourceId": f"res:cloud-one:{account:06}:{number:010}", "SkuId": f"SKU{account % 50:05}",
        "SubAccountId": "" if number % UNTOLD == 0 else f"sub-{account:05}", "SubAccountName": f"Sandbox {account}",
        "Tags": f'{{"sandbox": "SB-{account:06}", "stage": "pilot"}}', "ConsumedQuantity": "1.000000",
        "ConsumedUnit": "Hours", "PricingCategory": "Standard", "PricingUnit": "Hours", "ListCost": "0.00000000",
    }  # fmt: skip
    return [told.get(name, "") for name in HEADER]


def _time(moment: dt.datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def write(path: Path, made: Iterator[list[str]], *, cut: int = 0) -> int:
    """A file of rows, without its last `cut` bytes; how many rows there are."""
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        for row in made:
            writer.writerow(row)
            count += 1
    if cut:
        with path.open("r+b") as file:
            file.truncate(max(path.stat().st_size - cut, 0))
    return count


def as_parquet(path: Path) -> Path:
    """The same delivery as Parquet (zstd)."""
    import duckdb

    target = path.with_suffix(".parquet")
    with duckdb.connect() as connection:
        connection.execute(
            f"COPY (SELECT * FROM read_csv('{path}', all_varchar = true, header = true)) "
            f"TO '{target}' (FORMAT parquet, COMPRESSION zstd)"
        )
    return target


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
    """How long a delivery of so many rows takes to be read, checked and settled, in a process of its own; the goals are
    for a million."""
    figures = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bill.csv"
        write(path, rows(count))
        for file, most in ((path, CSV_SECONDS), (as_parquet(path), PARQUET_SECONDS)):
            figures += _of_file(file, count, most)
    return figures


def _of_file(path: Path, count: int, most: float) -> list[Figure]:
    size, name = path.stat().st_size / 10**6, path.suffix.removeprefix(".")
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        alone = process.submit(bare, path).result()
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        seconds, first, again, peak = process.submit(settle, path).result()
    return [
        Figure(SECTION, f"{count:,} rows of {name} ({size:,.0f} MB)", seconds, "s", most * max(count / ROWS, 0.1)),
        Figure(
            SECTION, f"{name}: as a multiple of DuckDB's bare read", seconds / alone, "x", 2 if count >= ROWS else None
        ),
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
    made = rows(chosen.rows, seed=chosen.seed, late=chosen.late, corrected=chosen.corrected)
    print(f"{write(chosen.file, made, cut=chosen.cut):,} rows")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
