"""The database session and the base class of every table."""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from contextvars import ContextVar
from enum import StrEnum
from typing import Annotated, Any, TypeVar
from weakref import WeakKeyDictionary

from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
from sqlalchemy import (
    DDL,
    BigInteger,
    ColumnElement,
    Connection,
    DateTime,
    Engine,
    Enum,
    ForeignKey,
    Identity,
    MetaData,
    String,
    Table,
    bindparam,
    event,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, make_transient_to_detached, mapped_column

from incubator.core import clock
from incubator.core.keys import public_id

PrimaryKey = Annotated[int, mapped_column(BigInteger, Identity(always=False), primary_key=True)]
Timestamp = Annotated[dt.datetime, mapped_column(DateTime(timezone=True))]
Name = Annotated[str, mapped_column(String(200))]
Minor = Annotated[int, mapped_column(BigInteger)]
Currency = Annotated[str, mapped_column(String(3))]
Words = Annotated[dict[str, str], mapped_column(JSONB)]
Data = Annotated[dict[str, Any], mapped_column(JSONB)]


class Model(DeclarativeBase):
    """Base of every table: constraint names are predictable, times are aware, enums are text with a CHECK."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {
        dt.datetime: DateTime(timezone=True),
        int: BigInteger,
    }

    id: Mapped[PrimaryKey]

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.id}>"


class Timestamped:
    """Adds the time a row was written."""

    created_at: Mapped[Timestamp] = mapped_column(default=clock.now)


class Public:
    """Adds the random key that stands in addresses."""

    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=public_id)


class Caused:
    """A row of the chain: it knows the event that led to it."""

    @declared_attr
    def cause_id(cls) -> Mapped[int]:  # noqa: N805
        return mapped_column(ForeignKey("audit_event.id"), index=True)


class Versioned:
    """Adds an optimistic lock: the slower of two people gets StaleDataError, which answers 409."""

    version: Mapped[int] = mapped_column(default=1)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805
        return (
            {"version_id_col": cls.__table__.c.version}
            if hasattr(cls, "__table__")
            else {"version_id_col": cls.version}
        )


E_ = TypeVar("E_", bound=StrEnum)


def state_column(enum: type[E_], name: str = "state") -> Enum:
    """The type of a column that holds one of an enum's values: text with a CHECK constraint."""
    return Enum(
        enum,
        native_enum=False,
        length=40,
        create_constraint=True,
        name=name,
        values_callable=lambda e: [m.value for m in e],
    )


def install_sql(table: Table | str, statements: Iterable[str]) -> None:
    """Run SQL that models cannot say (functions, triggers) whenever the schema is made from the models.

    The migration that makes the table carries the same statements; test_migrations compares the two.
    """
    target = Model.metadata.tables[table] if isinstance(table, str) else table
    for statement in statements:
        sql = DDL(statement.replace("%", "%%"))  # type: ignore[no-untyped-call]
        event.listen(target, "after_create", sql)


APPEND_ONLY = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$
"""


def append_only(table: Table) -> None:
    """Make the database refuse UPDATE, DELETE and TRUNCATE on a table."""
    install_sql(
        table,
        [
            APPEND_ONLY,
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table.name} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()",
            f"CREATE TRIGGER kept_whole BEFORE TRUNCATE ON {table.name} EXECUTE FUNCTION refuse_change()",
        ],
    )


def frozen(table: Table, columns: Sequence[str], *, once: str = "true") -> None:
    """Make the database refuse a change of these columns once a condition holds (SQL over OLD), and any DELETE.

    The condition is written as PostgreSQL prints it (no ROW, no IN), so that the migration made from it says the same.
    """
    changed = " OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in columns)
    install_sql(
        table,
        [
            APPEND_ONLY,
            f"CREATE TRIGGER frozen BEFORE UPDATE ON {table.name} FOR EACH ROW "
            f"WHEN (({once}) AND ({changed})) EXECUTE FUNCTION refuse_change()",
            f"CREATE TRIGGER kept BEFORE DELETE ON {table.name} FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        ],
    )


READING = "reading"
"""The bind of pages: its connections can only read, and each statement is a transaction of its own (no BEGIN, no
COMMIT to wait for; READ COMMITTED shows a statement no other rows within a transaction either)."""
is_reading: ContextVar[bool] = ContextVar("is_reading", default=False)


def written(column: Any, *values: Any) -> ColumnElement[bool]:
    """A condition: the column has one of these values, which stand in the statement itself and are no parameters, so
    that a partial index over just these values serves the plan that is kept."""
    named = bindparam(None, list(values), type_=column.type, expanding=True, literal_execute=True, unique=True)
    found: ColumnElement[bool] = column.in_(named)
    return found


T = TypeVar("T")
_derived: WeakKeyDictionary[Any, dict[Any, Any]] = WeakKeyDictionary()


def derived(statement: Any, key: Any, make: Callable[[Any], T]) -> T:
    """What `make` makes of a statement (a further condition, an order), kept for as long as the statement is."""
    known = _derived.setdefault(statement, {})
    if key not in known:
        known[key] = make(statement)
    found: T = known[key]
    return found


M = TypeVar("M", bound=Model)


def as_read(model: type[M], **columns: Any) -> M:
    """An entity of no session that knows these columns (id among them), as if it had been read and let go; what it does
    not know is read when somebody asks, once it is added to a session.

    To read a whole entity costs several times what its columns do.
    """
    row = model()
    vars(row).update(columns)
    make_transient_to_detached(row)
    return row


class EdgeSession(Session):
    """A session that takes a reading connection while the edge says that this request only reads."""

    def get_bind(self, *args: Any, **kwargs: Any) -> Engine | Connection:
        """The engine of this transaction."""
        if is_reading.get():
            return db.engines[READING]
        return super().get_bind(*args, **kwargs)


def dispose() -> None:
    """Give back every connection of the running application that nobody holds."""
    for engine in db.engines.values():
        engine.dispose()


db = SQLAlchemy(metadata=Model.metadata, session_options={"class_": EdgeSession})
