"""Checking a table of the directory before anything is changed: what it would do, and what is wrong with it.

Employees stream line by line through COPY into a staging table, where sets are compared: memory does not grow with the
lines, and 100,000 of them take seconds.
"""

from functools import lru_cache
from typing import Any, TypeAlias
from zoneinfo import available_timezones

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, func, select, text, update

from incubator.core import clock
from incubator.core.db import db
from incubator.core.errors import Invalid
from incubator.core.keys import public_id
from incubator.core.transaction import attempt
from incubator.people.models import Company, DirectoryImport, ImportKind, ImportState, Role, StagedPerson
from incubator.people.predicates import scopes
from incubator.people.services.directory import latin
from incubator.people.services.lines import CompanyRow, PersonRow
from incubator.web.sheets import RowError, given_columns, read, read_rows

MOST_FAULTS = 200
Fault: TypeAlias = tuple[int, str, str]
"""Line, column and words."""
COPY = (
    "COPY staged_person (import_id, line, public_id, hr_number, name, name_latin, email, title, company_code,"
    " manager_number, cost_center, language, left_on) FROM STDIN"
)
MARKS: tuple[tuple[str, str], ...] = (
    ("double", """
        UPDATE staged_person SET fault = 'double' FROM (
          SELECT id, row_number() OVER (PARTITION BY hr_number ORDER BY line) AS nth
            FROM staged_person WHERE import_id = :import_id
        ) AS found WHERE found.id = staged_person.id AND found.nth > 1"""),
    ("company", """
        UPDATE staged_person SET fault = 'company'
         WHERE import_id = :import_id AND fault IS NULL AND company_id IS NULL"""),
    ("scope", """
        UPDATE staged_person SET fault = 'scope'
          FROM company AS there
         WHERE import_id = :import_id AND fault IS NULL AND there.id = company_id
           AND NOT there.path LIKE ANY(:paths)"""),
    ("scope", """
        UPDATE staged_person SET fault = 'scope'
          FROM person JOIN company AS home ON home.id = person.company_id
         WHERE import_id = :import_id AND fault IS NULL AND person.hr_number = staged_person.hr_number
           AND NOT home.path LIKE ANY(:paths)"""),
    ("self", """
        UPDATE staged_person SET fault = 'self'
         WHERE import_id = :import_id AND fault IS NULL AND manager_number = hr_number"""),
    ("manager", """
        UPDATE staged_person SET fault = 'manager'
         WHERE import_id = :import_id AND fault IS NULL AND manager_number IS NOT NULL
           AND NOT EXISTS (SELECT 1 FROM person WHERE person.hr_number = staged_person.manager_number)
           AND NOT EXISTS (SELECT 1 FROM staged_person AS other
                            WHERE other.import_id = :import_id AND other.hr_number = staged_person.manager_number
                              AND other.fault IS NULL)"""),
)  # fmt: skip
"""What is wrong with a line that can be read, the first that fits."""
RESOLVE = """
UPDATE staged_person SET company_id = company.id FROM company
 WHERE import_id = :import_id AND company.code = staged_person.company_code
"""
PASSED = "CASE WHEN staged.left_on < :today THEN staged.left_on END"
"""Whoever's last day has passed has left: until then somebody works here, with all that hangs on it."""
COMING = "CASE WHEN staged.left_on >= :today THEN staged.left_on END"
"""A last day to come is remembered; a job ends it."""
CHANGED = f"""(person.name, person.company_id, person.email, person.title, person.cost_center, person.language,
  person.left_on, person.leaves_on, boss.hr_number) IS DISTINCT FROM (staged.name, staged.company_id,
  CASE WHEN :email THEN staged.email ELSE person.email END,
  CASE WHEN :title THEN staged.title ELSE person.title END,
  CASE WHEN :cost_center THEN staged.cost_center ELSE person.cost_center END,
  CASE WHEN :language THEN staged.language ELSE person.language END,
  CASE WHEN :left_on THEN {PASSED} ELSE person.left_on END,
  CASE WHEN :left_on THEN {COMING} ELSE person.leaves_on END,
  CASE WHEN :manager THEN staged.manager_number ELSE boss.hr_number END)"""
COUNT = f"""
SELECT count(*) AS lines, count(*) FILTER (WHERE staged.fault IS NOT NULL) AS faulty,
       count(*) FILTER (WHERE staged.fault IS NULL AND person.id IS NULL) AS new,
       count(*) FILTER (WHERE staged.fault IS NULL AND {CHANGED} AND person.id IS NOT NULL) AS changed,
       count(*) FILTER (WHERE staged.fault IS NULL AND :left_on AND person.left_on IS NULL
                          AND person.id IS NOT NULL AND {PASSED} IS NOT NULL) AS leaving,
       count(*) FILTER (WHERE staged.fault IS NULL AND staged.left_on >= :today) AS coming
  FROM staged_person AS staged LEFT JOIN person ON person.hr_number = staged.hr_number
  LEFT JOIN person AS boss ON boss.id = person.manager_id WHERE staged.import_id = :import_id
"""  # noqa: S608 - our own words
MISSING = """person.left_on IS NULL AND person.company_id IN (
  SELECT DISTINCT company_id FROM staged_person WHERE import_id = :import_id AND fault IS NULL)
  AND NOT EXISTS (SELECT 1 FROM staged_person AS staged
                   WHERE staged.import_id = :import_id AND staged.hr_number = person.hr_number)"""
WORDS: dict[str, Any] = {
    "double": _l("This HR number stands in an earlier line too."),
    "company": _l("There is no company with the code “%(value)s”."),
    "scope": _l("This company, or the one this person belongs to now, is not yours to keep."),
    "self": _l("Nobody is their own manager."),
    "manager": _l("Nobody has the manager’s HR number “%(value)s”, here or in this file."),
}
OPTIONAL = ("email", "title", "manager", "cost_center", "language", "left_on")


def check(found: DirectoryImport) -> None:
    """Read a table that waits and say what it would change; what is no table is refused with its words."""
    data = found.data or b""
    try:
        with attempt():
            if found.kind is ImportKind.PEOPLE:
                _check_people(found, data)
            else:
                _check_companies(found, data)
    except Invalid as refusal:
        found.state, found.refusal, found.data = ImportState.REFUSED, str(refusal.message)[:500], None
        forget(found)
        return
    found.state = ImportState.CHECKED
    db.session.flush()


def _check_people(found: DirectoryImport, data: bytes) -> None:
    found.given = sorted(given_columns(data, found.name, PersonRow) & set(OPTIONAL))
    faults, more = stage(found, data)
    parameters = parameters_of(found)
    counts = dict(db.session.execute(text(COUNT), parameters).mappings().one())
    counts["faulty"] += len(faults) + more
    counts["lines"] += len(faults) + more
    faults += _marked(found, MOST_FAULTS - len(faults))
    if found.is_whole and not counts["faulty"]:
        counts["leaving"] += db.session.scalar(text(f"SELECT count(*) FROM person WHERE {MISSING}"), parameters) or 0  # noqa: S608 - our own words
    counts["same"] = counts["lines"] - counts["faulty"] - counts["new"] - counts["changed"]
    found.counts, found.faults = counts, [[str(line), column, words] for line, column, words in sorted(faults)]


def stage(found: DirectoryImport, data: bytes) -> tuple[list[Fault], int]:
    """Put the lines that can be read into the staging table and mark what is wrong with them; answers the faults of the
    others, and how many more there are."""
    forget(found)
    faults: list[Fault] = []
    seen: set[int] = set()
    connection: Any = db.session.connection().connection
    with connection.cursor() as cursor, cursor.copy(COPY) as copy:
        for row in read_rows(data, found.name, PersonRow):
            if isinstance(row, RowError):
                if row.line == 1:
                    raise Invalid(f"{row.column}: {row.message}", field="file")
                if row.line not in seen and len(seen) < MOST_FAULTS:
                    faults.append((row.line, row.column, row.message))
                seen.add(row.line)
            else:
                copy.write_row(_cells(found.id, *row))
    mark(found)
    return faults, len(seen) - len(faults)


def mark(found: DirectoryImport) -> int:
    """Say of each staged line what is wrong with it as things stand now; answers how many lines there are."""
    lines = update(StagedPerson).where(StagedPerson.import_id == found.id, StagedPerson.fault.is_not(None))
    db.session.execute(lines.values(fault=None, company_id=None))
    db.session.execute(text(RESOLVE), {"import_id": found.id})
    parameters = {"import_id": found.id, "paths": [path + "%" for path in kept_by(found)]}
    for _name, statement in MARKS:
        names = {key: value for key, value in parameters.items() if f":{key}" in statement}
        db.session.execute(text(statement), names)
    return db.session.scalar(select(func.count(StagedPerson.id)).where(StagedPerson.import_id == found.id)) or 0


def _cells(import_id: int, line: int, row: PersonRow) -> tuple[Any, ...]:
    return (
        import_id, line, public_id(), row.hr_number, row.name, _latin(row.name), row.email, row.title, row.company,
        row.manager or None, row.cost_center or None, row.language, row.left_on,
    )  # fmt: skip


@lru_cache(maxsize=20_000)
def _latin(name: str) -> str:
    return latin(name)[:200]


def kept_by(found: DirectoryImport) -> list[str]:
    """The paths of the companies whose people the importer keeps."""
    return scopes(found.actor, Role.HR, Role.ADMINISTRATOR)


def parameters_of(found: DirectoryImport) -> dict[str, Any]:
    """The import, which of the optional columns its file has, and the day it is."""
    return {"import_id": found.id, "today": clock.today()} | {name: name in found.given for name in OPTIONAL}


def _marked(found: DirectoryImport, most: int) -> list[Fault]:
    rows = (
        select(StagedPerson.line, StagedPerson.fault, StagedPerson.company_code, StagedPerson.manager_number)
        .where(StagedPerson.import_id == found.id, StagedPerson.fault.is_not(None))
        .order_by(StagedPerson.line)
        .limit(max(most, 0))
    )
    columns = {"company": _("Company code"), "manager": _("HR number of the manager"), "double": _("HR number")}
    return [
        (line, str(columns.get(fault, "")), str(WORDS[fault]) % {"value": code if fault == "company" else manager})
        for line, fault, code, manager in db.session.execute(rows)
        if fault is not None
    ]


def forget(found: DirectoryImport) -> None:
    """Empty the staging table of an import."""
    db.session.execute(delete(StagedPerson).where(StagedPerson.import_id == found.id))


# ---- Companies: some thousands at most, held in memory


def _check_companies(found: DirectoryImport, data: bytes) -> None:
    sheet = read(data, found.name, CompanyRow)
    if sheet.errors and sheet.errors[0].line == 1:
        raise Invalid(f"{sheet.errors[0].column}: {sheet.errors[0].message}", field="file")
    good, faults = companies_to_take(found, sheet.rows)
    faults += [(one.line, one.column, one.message) for one in sheet.errors]
    known = _known()
    new = sum(row.code not in known for row in good)
    changed = sum(row.code in known and is_changed(known[row.code], row) for row in good)
    faulty = len({line for line, _column, _words in faults}) + sheet.more_errors
    found.counts = {
        "lines": len(good) + faulty, "faulty": faulty, "new": new, "changed": changed, "leaving": 0,
        "same": len(good) - new - changed,
    }  # fmt: skip
    found.faults = [[str(line), column, words] for line, column, words in sorted(faults)[:MOST_FAULTS]]


def _known() -> dict[str, Company]:
    rows = select(Company).where(Company.code.is_not(None))
    return {str(one.code): one for one in db.session.scalars(rows)}


def is_changed(company: Company, row: CompanyRow) -> bool:
    """Whether a line says something else than what stands."""
    stands = (company.name["en"], company.name["zh"], company.industry or "", company.time_zone)
    return stands != (row.name_en, row.name_zh, row.industry, row.time_zone)


def companies_to_take(
    found: DirectoryImport, rows: list[tuple[int, CompanyRow]]
) -> tuple[list[CompanyRow], list[Fault]]:
    """The lines that can be taken, those above before those below, and what is wrong with the others."""
    known, paths = _known(), scopes(found.actor, Role.ADMINISTRATOR)
    left, good, faults = dict[str, tuple[int, CompanyRow]](), list[CompanyRow](), list[Fault]()
    for line, row in rows:
        if row.code in left:
            faults.append((line, str(_("Code")), str(_("This code stands in an earlier line too."))))
        elif fault := _fault_of(row, known, paths):
            faults.append((line, *fault))
        else:
            left[row.code] = (line, row)
    there = set(known)
    while ready := [key for key, (_line, row) in left.items() if row.parent in there]:
        for key in ready:
            good.append(left.pop(key)[1])
            there.add(key)
    words = str(_("There is no company with this code, here or in this file."))
    faults += [(line, str(_("Code of the company above")), words) for line, _row in left.values()]
    return good, faults


def _fault_of(row: CompanyRow, known: dict[str, Company], paths: list[str]) -> tuple[str, str] | None:
    here, above = known.get(row.code), known.get(row.parent)
    if row.time_zone not in available_timezones():
        return str(_("Time zone")), str(_("There is no such time zone."))
    for company in (here, above):
        if company is not None and not any(company.path.startswith(path) for path in paths):
            return "", str(_("This company is not yours to keep."))
    if here is not None and (above is None or here.parent_id != above.id):
        words = _("A company stays where it is in the tree: who sees what hangs on it.")
        return str(_("Code of the company above")), str(words)
    return None
