"""Reading requests for signatures."""

from collections.abc import Sequence
from typing import Any

from flask_babel import get_locale
from sqlalchemy import BigInteger, ColumnElement, DateTime, Select, and_, cast, exists, func, literal, null, or_, select
from sqlalchemy.orm import aliased, joinedload, selectinload

from incubator.approvals.models import Approval, ApprovalDelegation, ApprovalStep
from incubator.approvals.states import Verdict
from incubator.core import clock
from incubator.core.db import Model, db
from incubator.people.access import within
from incubator.people.models import Company, Person, RoleGrant
from incubator.people.reader import TODAY, roles_of


def open_of(subject: Model) -> Approval | None:
    """The request on a subject that waits for signatures."""
    return db.session.scalar(_of(subject).where(Approval.state == Verdict.WAITING))


def latest_of(subject: Model) -> Approval | None:
    """The newest request on a subject, with its maker, its steps and who signed them."""
    loaded = _of(subject).options(
        joinedload(Approval.maker),
        selectinload(Approval.steps).options(joinedload(ApprovalStep.person), joinedload(ApprovalStep.given_for)),
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
        .where(_is_next(), or_(_is_in_scope(person), _is_delegated(person)), *_has_no_interest(person))
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


def delegated(person: Person, model: type[Model]) -> Select[Any]:
    """The ids of what waits for a signature that this person may give as a stand-in; a subquery of the model's rows."""
    return (
        select(Approval.subject_id)
        .join(ApprovalStep, ApprovalStep.approval_id == Approval.id)
        .where(
            Approval.subject_type == model.__tablename__, _is_next(), _is_delegated(person), *_has_no_interest(person)
        )
    )


def _is_delegated(person: Person) -> ColumnElement[bool]:
    """An approver of the step without an interest has given it to the person for today; as predicates.giver_for."""
    given, held, today = ApprovalDelegation, RoleGrant, TODAY
    over, of = aliased(Company), aliased(Company)
    signed = ApprovalStep.__table__.alias("given_signed")
    giver = aliased(Person)
    no_interest = [
        Approval.maker_id != given.giver_id,
        ~Approval.beneficiary_ids.contains(func.to_jsonb(given.giver_id)),
        or_(giver.manager_id.is_(None), and_(
            giver.manager_id != Approval.maker_id,
            ~Approval.beneficiary_ids.contains(func.to_jsonb(giver.manager_id)),
        )),
        ~exists().where(
            signed.c.approval_id == Approval.id,
            or_(signed.c.person_id == given.giver_id, signed.c.given_for_id == given.giver_id),
        ).correlate(Approval, given),
    ]  # fmt: skip
    standing = exists(
        select(given.id)
        .join(giver, giver.id == given.giver_id)
        .join(held, and_(held.person_id == given.giver_id, held.role == given.role))
        .join(over, over.id == held.company_id)
        .join(of, func.starts_with(of.path, over.path))
        .where(given.delegate_id == person.id, given.role == ApprovalStep.role, given.ended_at.is_(None))
        .where(given.from_on <= today, given.to_on >= today, giver.left_on.is_(None))
        .where(held.from_on <= today, or_(held.until_on.is_(None), held.until_on >= today))
        .where(of.id == Approval.company_id, *no_interest)
        .correlate(Approval, ApprovalStep)
    )
    return and_(Approval.may_delegate, standing)


def delegations_of(person: Person) -> Sequence[ApprovalDelegation]:
    """What a person has given and what is given to them, not over yet, the newest first."""
    return db.session.scalars(
        select(ApprovalDelegation)
        .where(or_(ApprovalDelegation.giver_id == person.id, ApprovalDelegation.delegate_id == person.id))
        .where(ApprovalDelegation.to_on >= clock.today(), ApprovalDelegation.ended_at.is_(None))
        .options(joinedload(ApprovalDelegation.giver), joinedload(ApprovalDelegation.delegate))
        .order_by(ApprovalDelegation.id.desc())
        .limit(100)
    ).all()


def given_by(person: Person) -> Select[ApprovalDelegation]:
    """What a person has given."""
    return select(ApprovalDelegation).where(ApprovalDelegation.giver_id == person.id)


def employee_called(hr_number: str) -> Person | None:
    """Whoever has this HR number and works here."""
    return db.session.scalars(
        select(Person).where(Person.hr_number == hr_number.strip(), Person.left_on.is_(None))
    ).first()


def _is_in_scope(person: Person) -> ColumnElement[bool]:
    return or_(
        literal(value=False),
        *(
            and_(ApprovalStep.role == role, within(Approval.company_id, person, role))
            for role in sorted(roles_of(person))
        ),
    )


def _has_no_interest(person: Person) -> list[ColumnElement[bool]]:
    """The same rules as predicates.objection(), in SQL."""
    signed = ApprovalStep.__table__.alias("signed")
    concerned = [person.id] + ([person.manager_id] if person.manager_id is not None else [])
    return [
        Approval.maker_id.not_in(concerned),
        *(Approval.beneficiary_ids.contains(func.to_jsonb(cast(one, BigInteger))).is_(False) for one in concerned),
        ~exists().where(
            signed.c.approval_id == Approval.id,
            or_(signed.c.person_id == person.id, signed.c.given_for_id == person.id),
        ),
    ]
