"""Taking 100,000 employees in from a table: checked and taken in, and the memory that it takes."""

import resource
import time

from benchmarks.figures import Figure
from benchmarks.place import Place, close
from incubator.core.db import db
from incubator.core.transaction import transaction
from incubator.people import jobs, services
from incubator.people.models import DirectoryImport, ImportKind, Person, Role, RoleGrant
from incubator.people.predicates import SYSTEM

LONGEST = 60.0
MOST_MEMORY = 400.0
"""MB beyond what the process held before: the file, its text, and nothing that grows with the lines."""
NAMES = ("林悦", "Gao Yu", "赵敏", "He Wen", "欧阳若曦", "Ma Li", "秦正", "Shen Lan")
HEAD = "hr_number,name,company,email,title,manager,cost_center,language,left_on\n"


def table(size: int, companies: int) -> bytes:
    """Employees with managers, a tenth of them of each company's first."""
    lines = (
        f"B{n:07},{NAMES[n % len(NAMES)]} {n % 977},C{n % companies},p{n}@example.com,Engineer,"
        f"{f'B{n // 10:07}' if n >= 10 else ''},K{n % 500},zh,\n"
        for n in range(size)
    )
    return (HEAD + "".join(lines)).encode()


def figures(found: Place, size: int = 100_000, companies: int = 200) -> list[Figure]:
    """Seconds and megabytes in a database of their own: the first time, and the same table again."""
    found.create("directory")
    app = found.app("directory")
    section = f"{size:,} employees from a table"
    try:
        with app.app_context():
            actor = _fill(companies)
            data, before = table(size, companies), _memory()
            first, again = _take(actor, data), _take(actor, data)
            assert first[2]["new"] == again[2]["same"] == size
            grown = _memory() - before
    finally:
        close(app)
    return [
        Figure(section, "checked", first[0], "s"),
        Figure(section, "checked and taken in", first[0] + first[1], "s", LONGEST),
        Figure(section, "the same table again", again[0] + again[1], "s", LONGEST),
        Figure(section, "memory beyond that before", grown, "MB", MOST_MEMORY),
    ]


def _fill(companies: int) -> int:
    """A group with companies and an administrator; answers the administrator's id."""
    with transaction():
        group = services.add_company(SYSTEM, None, name={"en": "Group", "zh": "集团"})
        person = services.add_person(SYSTEM, group, hr_number="A1", name="Bai Xue", email="a@example.com")
        day = person.created_at.date()
        db.session.add(RoleGrant(person=person, company=group, role=Role.ADMINISTRATOR, from_on=day))
        for n in range(companies):
            services.add_company(SYSTEM, group, name={"en": f"Company {n}", "zh": f"公司{n}"}).code = f"C{n}"
        db.session.flush()
        return person.id


def _take(actor_id: int, data: bytes) -> tuple[float, float, dict[str, int]]:
    """Seconds to check and to take in, and what the check counted."""
    with transaction():
        actor = db.session.get_one(Person, actor_id)
        asked = services.ask_for_import(actor, ImportKind.PEOPLE, data=data, name="people.csv").id
    start = time.perf_counter()
    jobs.check_imports()
    checked = time.perf_counter()
    with transaction():
        actor = db.session.get_one(Person, actor_id)
        counts = dict(services.apply(actor, db.session.get_one(DirectoryImport, asked)).counts)
    begun = time.perf_counter()
    jobs.apply_imports()
    return checked - start, time.perf_counter() - begun, counts


def _memory() -> float:
    """The most memory that this process has held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
