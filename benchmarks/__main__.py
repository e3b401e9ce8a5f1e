"""Measures everything, prints each figure with its goal, and keeps them in benchmarks/results."""

import argparse
import contextlib
import sys
from collections.abc import Sequence

import psycopg

from benchmarks import (
    alerts,
    bills,
    capital,
    directory,
    faults,
    hot_pool,
    pages,
    patents,
    peers,
    resuming,
    sandboxes,
    saving,
    scale,
    similar,
    solving,
    starting,
    vesting,
)
from benchmarks.figures import Report
from benchmarks.floor.app import MAKE
from benchmarks.loading import Loaded, load
from benchmarks.place import Place, close, place
from benchmarks.serving import FLOOR, PRODUCT, serve

FEW = "few"
MANY = "many"
STEPS = (
    "pages", "saving", "capital", "sandboxes", "resuming", "patents", "similar", "directory", "solving", "starting",
    "vesting", "bills", "faults", "hot_pool", "alerts", "scale",
)  # fmt: skip


def options(arguments: Sequence[str]) -> argparse.Namespace:
    """What is asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", choices=STEPS, action="append", help="this step alone; may be given several times")
    parser.add_argument("--few", type=int, default=200, metavar="N", help="proposals of the small installation")
    parser.add_argument("--many", type=int, default=2000, metavar="N", help="of the large one")
    parser.add_argument("--scale", type=int, default=100_000, metavar="N", help="proposals of a large group")
    parser.add_argument("--orders", type=int, default=1000, metavar="N", help="sandboxes ordered at once")
    parser.add_argument("--kills", type=int, default=10, metavar="N", help="how often a worker is killed meanwhile")
    parser.add_argument("--matters", type=int, default=100_000, metavar="N", help="applications with deadlines")
    parser.add_argument("--quick", action="store_true", help="few rounds, few orders: shows that it works")
    chosen = parser.parse_args(arguments)
    if chosen.quick:
        chosen.orders, chosen.kills = min(chosen.orders, 40), min(chosen.kills, 2)
        chosen.matters = min(chosen.matters, 2_000)
    return chosen


def main(arguments: Sequence[str]) -> int:
    """Run the chosen steps; 0 also where a goal is missed: what is measured decides nothing by itself."""
    chosen = options(arguments)
    steps = chosen.only or STEPS
    report = Report()
    with place() as found:
        if {"pages", "saving", "capital"} & set(steps):
            web(report, found, chosen, steps)
        cloud(report, found, chosen, steps)
        if "patents" in steps:
            report.section("Deadlines of patents")
            rounds, each = (3, 3) if chosen.quick else (15, 8)
            report.add(patents.measure(found, size=chosen.matters, rounds=rounds, each=each))
        if "similar" in steps:
            report.section("Similar proposals")
            report.add(similar.figures(found))
        if "scale" in steps:
            report.section(scale.SECTION)
            size, rounds, each = (1_000, 3, 3) if chosen.quick else (chosen.scale, 15, 8)
            figures, plans = scale.measure(found, min(size, 2_000), size, rounds=rounds, each=each)
            report.add(figures)
            report.say(plans)
        if "directory" in steps:
            report.section("The directory from a table")
            report.add(directory.figures(found, 5_000 if chosen.quick else 100_000))
    if "vesting" in steps:
        report.section(vesting.SECTION)
        report.add(vesting.measure())
    if "bills" in steps:
        report.section(bills.SECTION)
        report.add(bills.measure(10_000 if chosen.quick else bills.ROWS))
    if "solving" in steps:
        report.section("Solvers")
        report.add(solving.measure(chosen.quick))
        figures, notes = peers.measure(chosen.quick)
        report.add(figures)
        report.say(notes)
    if "starting" in steps:
        report.section("`make run`")
        report.add(starting.measure())
    path = report.write({name: value for name, value in vars(chosen).items() if name != "only"})
    missed = report.missed()
    print(f"\n{len(missed)} of {sum(f.goal is not None for f in report.figures)} goals missed.  {path.name}")
    for figure in missed:
        print(f"  {figure.section}: {figure.name}")
    return 0


def cloud(report: Report, found: Place, chosen: argparse.Namespace, steps: Sequence[str]) -> None:
    """Sandboxes in numbers, their faults, and the books that pay for them."""
    if "sandboxes" in steps:
        report.section("Sandboxes ordered at once, two workers")
        local = 5 if chosen.quick else 50
        report.add(sandboxes.measure(found, partner=chosen.orders, local=local, kills=chosen.kills))
    if "resuming" in steps:
        report.section(resuming.SECTION)
        report.add(resuming.measure(found, orders=40, orphans=500 if chosen.quick else 10_000))
    if "faults" in steps:
        report.section(faults.SECTION)
        report.add(faults.measure(found, orders=min(chosen.orders, 500)))
    if "hot_pool" in steps:
        report.section(hot_pool.SECTION)
        report.add(
            hot_pool.measure(found, each=25 if chosen.quick else 250, postings=10_000 if chosen.quick else 1_000_000)
        )
    if "alerts" in steps:
        report.section(alerts.SECTION)
        report.add(alerts.measure(found, restarts=40 if chosen.quick else 1_000))


def web(report: Report, found: Place, chosen: argparse.Namespace, steps: Sequence[str]) -> None:
    """Pages and saving, on two loaded databases."""
    few, many = (fill(found, name, size) for name, size in ((FEW, chosen.few), (MANY, chosen.many)))
    with psycopg.connect(found.url(MANY)) as connection:
        connection.execute(MAKE)
    rounds, each = (3, 3) if chosen.quick else (15, 8)
    register = capital.prepare(found, MANY) if "capital" in steps else None
    with contextlib.ExitStack() as stack:
        floor = stack.enter_context(serve(found, "floor", FLOOR, MANY))
        large = stack.enter_context(serve(found, "many", PRODUCT, MANY, redis=1))
        if "pages" in steps:
            small = stack.enter_context(serve(found, "few", PRODUCT, FEW, redis=2))
            report.section("Statements and rows a page")
            report.add(pages.counts(found, (FEW, few), (MANY, many)))
            for clients, share in ((1, 1), (pages.CLIENTS, 3)):
                report.section(f"Pages with {many.size:,} proposals, {clients} at once, in multiples of the floor")
                asked = max(1, each // share)
                report.add(pages.times(floor, large, many, clients=clients, rounds=rounds, each=asked))
            report.section("CPU a page (web and database)")
            report.add(pages.growth(floor, (small, few), (large, many), rounds=rounds, each=each))
        if register is not None:
            report.section("Cap table, in multiples of the floor")
            report.add(capital.measure(floor, large, register, rounds=rounds, each=each))
        if "saving" in steps:
            report.section("Saving a review over HTTP, in multiples of the floor's POST")
            report.add(saving.saving(floor, large, many, rounds=min(rounds, 12)))
        if "pages" in steps:
            report.section("Memory")
            report.add(pages.memory(floor, large, many))


def fill(found: Place, name: str, size: int) -> Loaded:
    """A database with so many proposals."""
    found.create(name)
    app = found.app(name)
    try:
        return load(app, size)
    finally:
        close(app)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
