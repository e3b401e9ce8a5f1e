"""Taking a checked table of the directory in: set by set, in one transaction or not at all."""

import hashlib
from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select, text

from incubator.core import audit, clock, outbox
from incubator.core.actions import action
from incubator.core.audit import Actor
from incubator.core.db import db
from incubator.core.errors import Invalid, WrongState
from incubator.core.queue import enqueue
from incubator.core.transaction import after_commit
from incubator.people import queries
from incubator.people.events import DirectoryChanged
from incubator.people.models import (
    Company,
    DirectoryImport,
    ImportKind,
    ImportState,
    Person,
    Role,
    RoleGrant,
    StagedPerson,
)
from incubator.people.predicates import scopes
from incubator.people.services.directory import add_company
from incubator.people.services.lines import CompanyRow
from incubator.people.services.staging import (
    COMING,
    MISSING,
    PASSED,
    companies_to_take,
    forget,
    is_changed,
    mark,
    parameters_of,
    stage,
)
from incubator.web.sheets import LARGEST_FILE, read

UPSERT = f"""
INSERT INTO person (public_id, created_at, hr_number, name, name_latin, email, title, company_id, cost_center, language,
                    left_on, leaves_on)
SELECT public_id, :now, hr_number, name, name_latin, email, title, company_id, cost_center, language, {PASSED}, {COMING}
  FROM staged_person AS staged WHERE import_id = :import_id AND fault IS NULL ORDER BY hr_number
ON CONFLICT (hr_number) DO UPDATE SET
  name = excluded.name, name_latin = excluded.name_latin, company_id = excluded.company_id,
  email = CASE WHEN :email THEN excluded.email ELSE person.email END,
  title = CASE WHEN :title THEN excluded.title ELSE person.title END,
  cost_center = CASE WHEN :cost_center THEN excluded.cost_center ELSE person.cost_center END,
  language = CASE WHEN :language THEN excluded.language ELSE person.language END,
  left_on = CASE WHEN :left_on THEN excluded.left_on ELSE person.left_on END,
  leaves_on = CASE WHEN :left_on THEN excluded.leaves_on ELSE person.leaves_on END
WHERE (person.name, person.company_id, person.email, person.title, person.cost_center, person.language, person.left_on,
  person.leaves_on)
  IS DISTINCT FROM (excluded.name, excluded.company_id,
    CASE WHEN :email THEN excluded.email ELSE person.email END,
    CASE WHEN :title THEN excluded.title ELSE person.title END,
    CASE WHEN :cost_center THEN excluded.cost_center ELSE person.cost_center END,
    CASE WHEN :language THEN excluded.language ELSE person.language END,
    CASE WHEN :left_on THEN excluded.left_on ELSE person.left_on END,
    CASE WHEN :left_on THEN excluded.leaves_on ELSE person.leaves_on END)
"""  # noqa: S608 - our own words
MANAGERS = """
UPDATE person SET manager_id = boss.id FROM staged_person AS staged
  LEFT JOIN person AS boss ON boss.hr_number = staged.manager_number
 WHERE staged.import_id = :import_id AND staged.fault IS NULL AND person.hr_number = staged.hr_number
   AND person.manager_id IS DISTINCT FROM boss.id
"""
LEAVE = f"UPDATE person SET left_on = :today, leaves_on = NULL WHERE {MISSING}"  # noqa: S608 - our own words
LEFT = """
SELECT role_grant.id FROM role_grant JOIN person ON person.id = role_grant.person_id
 WHERE person.left_on IS NOT NULL AND person.company_id IN (
         SELECT company_id FROM staged_person WHERE import_id = :import_id AND fault IS NULL)
   AND (role_grant.until_on IS NULL OR role_grant.until_on > person.left_on)
"""
END_SESSIONS = """
DELETE FROM login_session USING person WHERE person.id = login_session.person_id AND person.left_on <= :today
"""


@action("directory_import.create")
def ask_for_import(
    actor: Person, kind: ImportKind, *, data: bytes, name: str, is_whole: bool = False
) -> DirectoryImport:
    """Hand a table in, to be checked by a job. Raises Invalid at file or kind."""
    if not data or len(data) > LARGEST_FILE:
        raise Invalid(_("Choose a table of at most %(size)s MB.", size=LARGEST_FILE // 1024**2), field="file")
    if kind is ImportKind.COMPANIES and not scopes(actor, Role.ADMINISTRATOR):
        raise Invalid(_("Companies are kept by administrators."), field="kind")
    found = DirectoryImport(
        actor=actor,
        kind=kind,
        name=name[:200] or "table",
        data=data,
        sha256=hashlib.sha256(data).digest(),
        is_whole=is_whole and kind is ImportKind.PEOPLE,
    )
    audit.created(found, payload={"kind": kind.value, "sha256": found.sha256.hex(), "is_whole": found.is_whole})
    after_commit(_wake_to_check)
    return found


def _wake_to_check() -> None:
    enqueue("people.check_imports")


def _wake_to_apply() -> None:
    enqueue("people.apply_imports")


@action("directory_import.apply")
def apply(actor: Person, found: DirectoryImport) -> DirectoryImport:
    """Have a checked table taken in by a job; lines with faults are left out."""
    found = queries.locked_import(found)
    if found.state is not ImportState.CHECKED:
        raise WrongState(_("This table does not wait to be taken in."))
    found.state = ImportState.APPLYING
    audit.record("directory_import.apply", found, dict(found.counts))
    after_commit(_wake_to_apply)
    return found


@action("directory_import.discard")
def discard(actor: Person, found: DirectoryImport) -> DirectoryImport:
    """Take a table back that was not taken in."""
    found = queries.locked_import(found)
    if found.state not in {ImportState.WAITING, ImportState.CHECKED}:
        raise WrongState(_("This table does not wait to be taken in."))
    _end(found, ImportState.DISCARDED)
    audit.record("directory_import.discard", found)
    return found


def _end(found: DirectoryImport, state: ImportState) -> None:
    forget(found)
    found.state, found.data, found.ended_at = state, None, clock.now()
    db.session.flush()


def apply_people(actor: Actor, found: DirectoryImport) -> None:
    """Take employees in: the lines are marked anew, so that what changed since the check counts too; they are read
    anew where the staging table, which no crash of the database outlives, has lost them.

    Who has left loses their sessions, and their roles end with their last day, each with an event. A last day to come
    is remembered, see `end_last_days`. Whom new managers and cost centres put in conflict is found at once.
    """
    if not mark(found):
        stage(found, found.data or b"")
    parameters = parameters_of(found)
    good = select(func.count(StagedPerson.id)).where(StagedPerson.import_id == found.id, StagedPerson.fault.is_(None))
    faulty = found.counts["lines"] - (db.session.scalar(good) or 0)
    names = ("import_id", "email", "title", "cost_center", "language", "left_on", "today")
    given: dict[str, Any] = {name: parameters[name] for name in names} | {"now": clock.now()}
    written = db.session.execute(text(UPSERT), given)
    if parameters["manager"]:
        db.session.execute(text(MANAGERS), {"import_id": found.id})
    if found.is_whole and not faulty:
        db.session.execute(text(LEAVE), {"import_id": found.id, "today": clock.today()})
    db.session.expire_all()
    with audit.because(actor, "directory_import.finish"):
        event = audit.record(
            "directory_import.finish", found, {"written": getattr(written, "rowcount", 0), "faulty": faulty}
        )
        _end_roles(found, event.id)
    db.session.execute(text(END_SESSIONS), {"today": clock.today()})
    outbox.publish(DirectoryChanged(import_id=found.id))
    _end(found, ImportState.APPLIED)


def _end_roles(found: DirectoryImport, cause_id: int) -> None:
    ids = db.session.scalars(text(LEFT), {"import_id": found.id}).all()
    end_grants(db.session.scalars(select(RoleGrant).where(RoleGrant.id.in_(ids))).all(), cause_id)


def end_grants(grants: Sequence[RoleGrant], cause_id: int) -> None:
    """End roles with the last day of those who hold them, each with an event."""
    for grant in grants:
        left_on = grant.person.left_on or clock.today()
        grant.until_on = max(grant.from_on, left_on)
    audit.record_many(
        "role.end",
        [(one, cause_id, {"role": one.role.value, "until_on": str(one.until_on)}) for one in grants],
    )


def apply_companies(actor: Actor, found: DirectoryImport) -> None:
    """Take companies in, those above before those below; what stands is renamed, never moved."""
    rows = read(found.data or b"", found.name, CompanyRow).rows
    good, _faults = companies_to_take(found, rows)
    known = {str(one.code): one for one in db.session.scalars(select(Company).where(Company.code.is_not(None)))}
    with audit.because(actor, "directory_import.finish"):
        audit.record("directory_import.finish", found, {"written": len(good)})
        for row in good:
            known[row.code] = _take_company(actor, row, known)
    _end(found, ImportState.APPLIED)


def _take_company(actor: Actor, row: CompanyRow, known: dict[str, Company]) -> Company:
    name = {"en": row.name_en, "zh": row.name_zh}
    company = known.get(row.code)
    if company is None:
        company = add_company(actor, known[row.parent], name=name, industry=row.industry or None)
    elif is_changed(company, row):
        audit.record("company.update", company, {"name": name, "industry": row.industry})
    company.name, company.industry, company.time_zone = name, row.industry or None, row.time_zone
    company.code = row.code
    db.session.flush()
    return company
