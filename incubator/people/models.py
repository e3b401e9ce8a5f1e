"""Companies of the group, the people who work in them, their roles, and who sees what."""

import datetime as dt
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    func,
    literal_column,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incubator.core.db import Model, Name, Public, Timestamp, Timestamped, Words, state_column


class Role(StrEnum):
    """What a person may be trusted with in a company and all below it."""

    OFFICE = "office"
    REVIEWER = "reviewer"
    CHAIR = "chair"
    HR = "hr"
    IP_COUNSEL = "ip_counsel"
    CLOUD_OPERATOR = "cloud_operator"
    FINANCE = "finance"
    LEGAL = "legal"
    BOARD = "board"
    FUNDER = "funder"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class Company(Public, Timestamped, Model):
    """One company or department of the group; path is the chain of ids from the group down, such as '1/4/9/'.

    code: what the directory knows it by, None where it knows none.
    """

    __tablename__ = "company"
    __table_args__ = (Index("ix_company_path", "path", postgresql_ops={"path": "text_pattern_ops"}),)

    code: Mapped[str | None] = mapped_column(String(32), unique=True)
    name: Mapped[Words]
    industry: Mapped[str | None] = mapped_column(String(60))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("company.id"), index=True)
    path: Mapped[str] = mapped_column(String(200), unique=True)
    time_zone: Mapped[str] = mapped_column(String(40), default="Asia/Shanghai")
    parent: Mapped["Company | None"] = relationship(remote_side="Company.id")

    @property
    def company(self) -> "Company":
        """A company belongs to itself, so that rules about companies read alike."""
        return self

    @property
    def and_above(self) -> tuple[int, ...]:
        """The ids of the company and of all above it, from the group down."""
        return tuple(int(part) for part in self.path.split("/") if part)


class Person(Public, Timestamped, Model):
    """An employee; the HR number is who they are, never the e-mail.

    leaves_on: a last day to come; once it has passed it is left_on, and the person has left.
    """

    __tablename__ = "person"
    __table_args__ = (
        Index("ix_person_search", "name_latin", postgresql_ops={"name_latin": "text_pattern_ops"}),
        Index("ix_person_name", "name", postgresql_ops={"name": "text_pattern_ops"}),
        Index("ix_person_hr_number", "hr_number", postgresql_ops={"hr_number": "text_pattern_ops"}),
        Index("ix_person_cost_center", "cost_center"),
        Index("ix_person_leaves_on", "leaves_on", postgresql_where=text("leaves_on IS NOT NULL")),
        CheckConstraint("language IN ('en', 'zh')", name="language_known"),
        CheckConstraint("left_on IS NULL OR leaves_on IS NULL", name="leaves_once"),
    )

    hr_number: Mapped[str] = mapped_column(String(32), unique=True)
    name: Mapped[Name]
    name_latin: Mapped[Name]
    email: Mapped[str] = mapped_column(String(254))
    title: Mapped[str] = mapped_column(String(120), default="")
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    manager_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    cost_center: Mapped[str | None] = mapped_column(String(32))
    language: Mapped[str] = mapped_column(String(2), default="en")
    left_on: Mapped[dt.date | None]
    leaves_on: Mapped[dt.date | None]
    company: Mapped[Company] = relationship(lazy="joined", innerjoin=True)
    roles: Mapped[list["RoleGrant"]] = relationship(back_populates="person", foreign_keys="RoleGrant.person_id")

    is_authenticated = True
    is_anonymous = False

    @property
    def is_active(self) -> bool:
        """A leaver can't sign in."""
        return self.left_on is None

    @property
    def actor_id(self) -> int | None:
        """The key under which the audit trail knows this person."""
        return self.id

    @property
    def initials(self) -> str:
        """One Chinese character, or the first letters of two names."""
        if not self.name.isascii():
            return self.name[:1]
        return "".join(part[:1] for part in self.name.split()[:2]).upper()

    def get_id(self) -> str:
        """The key that Flask-Login keeps."""
        return str(self.id)


LATIN_TOGETHER: ColumnElement[str] = func.replace(Person.name_latin, literal_column("' '"), literal_column("''"))
"""Pinyin as many type it: 'linyue'. Nothing in it is a parameter: a kept plan would not know the index in it."""
Index("ix_person_latin_together", LATIN_TOGETHER.label("together"), postgresql_ops={"together": "text_pattern_ops"})


class Credential(Timestamped, Model):
    """A local password, hashed with argon2id."""

    __tablename__ = "credential"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))


class LoginSession(Timestamped, Model):
    """A session on the server; the cookie holds the id, this row only its hash."""

    __tablename__ = "login_session"

    id_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    seen_at: Mapped[Timestamp]
    ends_at: Mapped[Timestamp]
    person: Mapped[Person] = relationship(lazy="joined", innerjoin=True)


class RoleGrant(Timestamped, Model):
    """A role held by a person over a company and all below it, for a time."""

    __tablename__ = "role_grant"
    __table_args__ = (
        UniqueConstraint("person_id", "company_id", "role"),
        CheckConstraint("until_on IS NULL OR until_on >= from_on", name="ends_after_start"),
    )

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    role: Mapped[Role] = mapped_column(state_column(Role, "role_known"))
    from_on: Mapped[dt.date]
    until_on: Mapped[dt.date | None]
    person: Mapped[Person] = relationship(back_populates="roles", foreign_keys=person_id)
    company: Mapped[Company] = relationship(lazy="joined", innerjoin=True)


class Effect(StrEnum):
    """What an access row does; deny wins."""

    ALLOW = "allow"
    DENY = "deny"


class Access(Timestamped, Model):
    """One person may, or may not, see one thing; written by the package that knows why."""

    __tablename__ = "access"
    __table_args__ = (
        UniqueConstraint("person_id", "subject_type", "subject_id", "effect", "source"),
        Index("ix_access_subject", "subject_type", "subject_id"),
    )

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    subject_type: Mapped[str] = mapped_column(String(60))
    subject_id: Mapped[int]
    effect: Mapped[Effect] = mapped_column(state_column(Effect, "effect_known"))
    source: Mapped[str] = mapped_column(String(40))
    fields: Mapped[list[str] | None] = mapped_column(ARRAY(String(40)))
    until_at: Mapped[Timestamp | None]
    cause_id: Mapped[int] = mapped_column(ForeignKey("audit_event.id"))


class PersonCounts(Model):
    """The small numbers beside the menu, kept by whoever changes them, so that no page counts."""

    __tablename__ = "person_counts"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), unique=True)
    counts: Mapped[dict[str, int]] = mapped_column(JSONB, default=dict)


class SavedView(Public, Timestamped, Model):
    """A list as a person likes to see it: the query of its address under a name; one a list may be the default."""

    __tablename__ = "saved_view"
    __table_args__ = (
        UniqueConstraint("person_id", "page", "name"),
        Index("uq_saved_view_default", "person_id", "page", unique=True, postgresql_where=text("is_default")),
        CheckConstraint("length(name) > 0", name="name_given"),
    )

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    page: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(60))
    query: Mapped[str] = mapped_column(String(1_000))
    is_default: Mapped[bool] = mapped_column(default=False)


class ImportKind(StrEnum):
    """What a table of the directory is about."""

    PEOPLE = "people"
    COMPANIES = "companies"


class ImportState(StrEnum):
    """Where an import stands; no machine, for jobs alone take it on."""

    WAITING = "waiting"
    CHECKED = "checked"
    APPLYING = "applying"
    APPLIED = "applied"
    REFUSED = "refused"
    DISCARDED = "discarded"


class DirectoryImport(Public, Timestamped, Model):
    """A table of employees or companies that somebody handed in: what it would change, what is wrong with it, and what
    became of it.

    data: the file, until it is applied or discarded; sha256: of the file, kept. is_whole: it names everybody of the
    companies it names, so that who is missing has left. given: the columns that the file has. counts: lines, new,
    changed, same, leaving, faulty. faults: at most 200 of [line, column, words].
    """

    __tablename__ = "directory_import"
    __table_args__ = (
        Index("ix_directory_import_open", "id", postgresql_where=text("state IN ('waiting', 'applying')")),
        CheckConstraint("octet_length(sha256) = 32", name="hashed"),
    )

    actor_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    kind: Mapped[ImportKind] = mapped_column(state_column(ImportKind, "kind_known"))
    state: Mapped[ImportState] = mapped_column(state_column(ImportState, "state_known"), default=ImportState.WAITING)
    name: Mapped[Name]
    data: Mapped[bytes | None] = mapped_column(LargeBinary)
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    is_whole: Mapped[bool] = mapped_column(default=False)
    given: Mapped[list[str]] = mapped_column(JSONB, default=list)
    counts: Mapped[dict[str, int]] = mapped_column(JSONB, default=dict)
    faults: Mapped[list[list[str]]] = mapped_column(JSONB, default=list)
    refusal: Mapped[str | None] = mapped_column(String(500))
    ended_at: Mapped[Timestamp | None]
    actor: Mapped[Person] = relationship(lazy="joined", innerjoin=True)


class StagedPerson(Model):
    """A line of a table of employees on its way in; fault: why it is left out. Gone when the import is over."""

    __tablename__ = "staged_person"
    __table_args__ = (Index("ix_staged_person_import", "import_id", "hr_number"), {"prefixes": ["UNLOGGED"]})

    import_id: Mapped[int] = mapped_column(ForeignKey("directory_import.id"))
    line: Mapped[int]
    public_id: Mapped[str] = mapped_column(String(16))
    hr_number: Mapped[str] = mapped_column(String(32))
    name: Mapped[Name]
    name_latin: Mapped[Name]
    email: Mapped[str] = mapped_column(String(254))
    title: Mapped[str] = mapped_column(String(120))
    company_code: Mapped[str] = mapped_column(String(32))
    manager_number: Mapped[str | None] = mapped_column(String(32))
    cost_center: Mapped[str | None] = mapped_column(String(32))
    language: Mapped[str] = mapped_column(String(2))
    left_on: Mapped[dt.date | None]
    company_id: Mapped[int | None]
    fault: Mapped[str | None] = mapped_column(String(20))


class Installation(Timestamped, Model):
    """What this database is for: one row, written with the first people. Demonstration and real data never mix."""

    __tablename__ = "installation"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    demo: Mapped[bool]
