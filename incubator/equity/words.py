"""The words of equity that are no states: kinds, sizes, regimes, allocations, limits."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from incubator.equity.engines.caps import POOL_RULE
from incubator.equity.engines.vesting import Allocation
from incubator.equity.models import AppraisalMethod, HolderKind, Instrument, IssuerKind, Movement, PlanKind, Size

PERSON_RULE = "plan.person"
"""The limit that a plan itself sets for one person."""


@dataclass(frozen=True)
class Regime:
    """A body of rules a plan stands under: its name, and the codes of the rules that limit units."""

    text: object
    codes: tuple[str, ...]


REGIMES: dict[str, Regime] = {
    "cn.equity": Regime(
        _l("State-owned technology enterprise (Caizi [2016] 4)"), ("cn.equity.total", "cn.equity.person")
    ),
    "plan": Regime(_l("The plan's own limits only"), ()),
}
KINDS: dict[str, object] = {
    PlanKind.OPTION: _l("Options"),
    PlanKind.RSU: _l("Restricted share units"),
    PlanKind.SAR_STOCK: _l("Appreciation rights settled in shares"),
    PlanKind.SAR_CASH: _l("Appreciation rights settled in money"),
    PlanKind.PHANTOM: _l("Phantom units"),
    PlanKind.RESTRICTED: _l("Restricted shares"),
    PlanKind.SHARE_AWARD: _l("Shares awarded with a purchase"),
    PlanKind.PROJECT_REVENUE: _l("Dividends on a project's revenue"),
    PlanKind.POST_DIVIDEND: _l("Dividends of a post"),
    PlanKind.VALUE_GROWTH: _l("Points in a growth pool"),
}
CASH_KINDS = (
    PlanKind.SAR_CASH, PlanKind.PHANTOM, PlanKind.PROJECT_REVENUE, PlanKind.POST_DIVIDEND, PlanKind.VALUE_GROWTH,
)  # fmt: skip
"""Settled in money: they never become capital."""
SHARE_KINDS = (PlanKind.RESTRICTED, PlanKind.SHARE_AWARD)
"""Capital from the day they are issued, to be bought back where they do not vest."""


def instrument_of(kind: PlanKind) -> Instrument:
    """What a grant of a plan of this kind is in the register."""
    if kind in CASH_KINDS:
        return Instrument.CASH_AWARD
    return Instrument.SHARE if kind in SHARE_KINDS else Instrument.AWARD


ISSUER_KINDS: dict[str, object] = {
    IssuerKind.LIMITED: _l("Limited liability company"),
    IssuerKind.JOINT_STOCK: _l("Company limited by shares"),
}
SIZES: dict[str, object] = {
    Size.LARGE: _l("Large enterprise"),
    Size.MEDIUM: _l("Medium-sized enterprise"),
    Size.SMALL: _l("Small enterprise"),
    Size.MICRO: _l("Micro enterprise"),
}
HOLDER_KINDS: dict[str, object] = {
    HolderKind.COMPANY: _l("Company"),
    HolderKind.VEHICLE: _l("Holding vehicle"),
    HolderKind.INDIVIDUAL: _l("Person outside the group"),
}
METHODS: dict[str, object] = {
    AppraisalMethod.INCOME: _l("Income approach"),
    AppraisalMethod.MARKET: _l("Market approach"),
    AppraisalMethod.ASSETS: _l("Asset-based approach"),
}
ALLOCATIONS: dict[str, object] = {
    Allocation.CUMULATIVE_ROUNDING: _l("Rounded as it adds up (18 over 4: 5, 4, 5, 4)"),
    Allocation.CUMULATIVE_ROUND_DOWN: _l("Rounded down as it adds up (4, 5, 4, 5)"),
    Allocation.FRONT_LOADED: _l("Larger parts first (5, 5, 4, 4)"),
    Allocation.BACK_LOADED: _l("Larger parts last (4, 4, 5, 5)"),
    Allocation.FRONT_LOADED_TO_SINGLE_TRANCHE: _l("The rest with the first part (6, 4, 4, 4)"),
    Allocation.BACK_LOADED_TO_SINGLE_TRANCHE: _l("The rest with the last part (4, 4, 4, 6)"),
}
"""FRACTIONAL is left out: units are whole."""
MOVEMENTS: dict[str, object] = {
    Movement.ISSUANCE: _l("Issued"),
    Movement.ACCEPTANCE: _l("Accepted by the holder"),
    Movement.START: _l("Vesting started"),
    Movement.EVENT: _l("Vesting event"),
    Movement.ACCELERATION: _l("Vesting brought forward"),
    Movement.LEAVE: _l("Vesting paused for a leave"),
    Movement.EXERCISE: _l("Exercised"),
    Movement.RELEASE: _l("Released"),
    Movement.CANCELLATION: _l("Lapsed or cancelled"),
    Movement.RETURN: _l("Returned to the pool"),
    Movement.TRANSFER: _l("Transferred"),
    Movement.REPURCHASE: _l("Bought back"),
    Movement.REPRICING: _l("Price changed"),
    Movement.BALANCE: _l("Balance carried over"),
    Movement.CORRECTION: _l("Corrected"),
}
LIMITS: dict[str, object] = {
    POOL_RULE: _l("The plan's pool"),
    PERSON_RULE: _l("The plan's limit for one person"),
}
EVENTS: dict[str, object] = {
    "equity_grant.create": _l("Drafted"),
    "equity_grant.revise": _l("Changed"),
    "equity_grant.check": _l("Checked and frozen"),
    "equity_grant.submit": _l("Put to approval"),
    "equity_grant.send_back": _l("Sent back"),
    "equity_grant.approve": _l("Approved"),
    "equity_grant.offer": _l("Offered"),
    "equity_grant.accept": _l("Accepted by the holder"),
    "equity_grant.activate": _l("In force"),
    "equity_grant.close": _l("Closed"),
    "equity_grant.decline": _l("Declined"),
    "equity_grant.lapse": _l("Lapsed"),
    "equity_grant.cancel": _l("Cancelled"),
    "equity_grant.retract": _l("Retracted"),
    "approval.request": _l("Signature asked for"),
    "approval.sign": _l("Signed"),
    "approval.refuse": _l("Signature refused"),
    "approval.cancel": _l("Request taken back"),
}
"""What happened to a grant, in words."""
