"""Reading requests for signatures."""

from typing import Any

from flask_babel import get_locale
from sqlalchemy import ColumnElement, DateTime, Select, and_, cast, exists, func, literal, null, or_, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import joinedload, selectinload

from incubator.approvals.models import Approval, ApprovalStep
from incubator.approvals.states import Verdict
from incubator.core.db import Model, db
from incubator.people.access import within
from incubator.people.models import Person
from incubator.people.predicates import in_force


def open_of(subject: Model) -> Approval | None:
    """The request on a subject that waits for signatures."""
    return db.session.scalar(_of(subject).where(Approval.state == Verdict.WAITING))


def latest_of(subject: Model) -> Approval | None:
    """The newest request on a subject, with its maker, its steps and who signed them."""
    loaded = _of(subject).options(
        joinedload(Approval.maker), selectinload(Approval.steps).joinedload(ApprovalStep.person)
    )
    return db.session.scalars(loaded.order_by(Approval.id.desc()).limit(1)).unique().first()


def _of(subject: Model) -> Select[Approval]:
    return select(Approval).where(Approval.subject_type == subject.__tablename__, Approval.subject_id == subject.id)


def waiting_for(person: Person) -> list[Select[Any]]:
    """The requests whose next signature this person may give: kind, title, address, due_at, since."""
    language = "zh" if str(get_locale() or "").startswith("zh") else "en"
    return [
        select(
            literal("approval").label("kind"),
            Approval.title[language].astext.label("title"),
            Approval.address.label("address"),
            cast(null(), DateTime(timezone=True)).label("due_at"),
            Approval.created_at.label("since"),
        )
        .join(ApprovalStep, ApprovalStep.approval_id == Approval.id)
        .where(_is_next(), _is_in_scope(person), *_has_no_interest(person))
    ]


def _is_next() -> ColumnElement[bool]:
    """The step is the first that waits, of a request that is open."""
    other = ApprovalStep.__table__.alias("other")
    first = (
        select(func.min(other.c.position))
        .where(other.c.approval_id == Approval.id, other.c.state == Verdict.WAITING)
        .scalar_subquery()
    )
    return and_(Approval.state == Verdict.WAITING, ApprovalStep.position == first)


def _is_in_scope(person: Person) -> ColumnElement[bool]:
    held = {grant.role for grant in person.roles if in_force(grant)}
    return or_(
        literal(value=False),
        *(and_(ApprovalStep.role == role, within(Approval.company_id, person, role)) for role in sorted(held)),
    )


def _has_no_interest(person: Person) -> list[ColumnElement[bool]]:
    """The same rules as predicates.objection(), in SQL."""
    signed = ApprovalStep.__table__.alias("signed")
    concerned = [person.id] + ([person.manager_id] if person.manager_id is not None else [])
    return [
        Approval.maker_id.not_in(concerned),
        *(Approval.beneficiary_ids.contains(cast(literal(str(one)), JSONB)).is_(False) for one in concerned),
        ~exists().where(signed.c.approval_id == Approval.id, signed.c.person_id == person.id),
    ]
