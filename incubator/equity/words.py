"""The words of equity that are no states: kinds, sizes, regimes, allocations, limits."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask_babel import lazy_gettext as _l

from incubator.equity.engines.caps import POOL_RULE
from incubator.equity.engines.growth import Stripped
from incubator.equity.engines.leaving import Reason
from incubator.equity.engines.ocf import Left
from incubator.equity.engines.vesting import DAY_RULES, START_DAY, Allocation, Order
from incubator.equity.models import (
    AppraisalMethod,
    HolderKind,
    Instrument,
    IssuerKind,
    Movement,
    OnCancellation,
    PlanKind,
    Size,
    StepKind,
)
from incubator.people.models import Role

PERSON_RULE = "plan.person"
"""The limit that a plan itself sets for one person."""


@dataclass(frozen=True)
class Regime:
    """A body of rules a plan stands under: its name, the codes of the rules that limit units, and of those on the
    terms of a grant, for every kind of plan and for one kind alone."""

    text: object
    codes: tuple[str, ...]
    terms: tuple[str, ...] = ()
    of_kind: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def terms_for(self, kind: PlanKind) -> tuple[str, ...]:
        """The rules on the terms of a grant; those on price and lock are for what becomes capital alone."""
        of_capital = () if kind in CASH_KINDS else self.terms
        return (*self.always, *of_capital, *self.of_kind.get(kind, ()))

    always: tuple[str, ...] = ()


REGIMES: dict[str, Regime] = {
    "cn.equity": Regime(
        _l("State-owned technology enterprise (Caizi [2016] 4)"),
        ("cn.equity.total", "cn.equity.person"),
        terms=("cn.equity.lock", "cn.equity.price"),
        always=("cn.equity.once",),
        of_kind={PlanKind.SHARE_AWARD: ("cn.equity.award",), PlanKind.POST_DIVIDEND: ("cn.equity.post_dividend",)},
    ),
    "cn.equity.pilot": Regime(
        _l("Staff ownership pilot (Guozifa gaige [2016] 133)"),
        ("cn.equity.pilot.total", "cn.equity.pilot.person"),
        terms=("cn.equity.pilot.lock", "cn.equity.pilot.price", "cn.equity.pilot.state"),
    ),
    "cn.equity.listed": Regime(
        _l("Listed company of a central enterprise"),
        ("cn.equity.listed.total", "cn.equity.listed.person"),
        terms=("cn.equity.listed.first", "cn.equity.listed.price"),
        always=("cn.equity.listed.pay",),
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
    PlanKind.GROWTH_RIGHT: _l("Rights to value growth settled in money"),
    PlanKind.GROWTH_TRANSFER: _l("Share transfer triggered by value growth"),
}
CASH_KINDS = (
    PlanKind.SAR_CASH, PlanKind.PHANTOM, PlanKind.PROJECT_REVENUE, PlanKind.POST_DIVIDEND, PlanKind.VALUE_GROWTH,
    PlanKind.GROWTH_RIGHT, PlanKind.GROWTH_TRANSFER,
)  # fmt: skip
"""Settled in money, or by a transfer of units that stand already: they never become capital of themselves."""
GROWTH_KINDS = (PlanKind.GROWTH_RIGHT, PlanKind.VALUE_GROWTH, PlanKind.GROWTH_TRANSFER)
"""Settled for all their grants at once, from an approved appraisal (services/growth.py)."""
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
LEFT_OUT: dict[str, object] = {
    Left.INTEREST: _l("Interests of a limited company"),
    Left.CASH_AWARD: _l("Phantom units and other rights to money alone"),
    Left.APPRAISAL: _l("Appraisals other than 409A"),
    Left.LOCK: _l("Lock-ups"),
    Left.FIRST_REFUSAL: _l("Transfers with their notices and answers"),
    Left.CORRECTION: _l("Counter-entries of other movements than issuances"),
    Left.MOVEMENT: _l("Movements that the format has no object for"),
}
"""Why something stays here when a cap table leaves in the Open Cap Format."""
KEPT: dict[str, object] = {
    "a security comes of two others": _l("a security comes of two others"),
    "securities come of one another in a circle": _l("securities come of one another in a circle"),
    "a security is issued twice": _l("a security is issued twice"),
    "a security of it is not issued in this file": _l("a security of it is not issued in this file"),
    "its stakeholder is not in this file": _l("its stakeholder is not in this file"),
    "its stock class is not in this file": _l("its stock class is not in this file"),
    "its plan is not in this file": _l("its plan is not in this file"),
    "its quantity does not fit the class's smallest unit": _l("its quantity does not fit the class's smallest unit"),
    "its vesting terms are not in this file": _l("its vesting terms are not in this file"),
    "it is dated before its security was issued": _l("it is dated before its security was issued"),
    "more units leave than are there": _l("more units leave than are there"),
    "what is taken back has moved on": _l("what is taken back has moved on"),
    "what is left has no security of its own": _l("what is left has no security of its own"),
    "the security with the balance does not hold the rest": _l("the security with the balance does not hold the rest"),
    "what it results in is not what moved": _l("what it results in is not what moved"),
    "a vesting is told of a security without vesting terms": _l(
        "a vesting is told of a security without vesting terms"
    ),
    "its vesting starts on several days": _l("its vesting starts on several days"),
    "the register has moved on since it came in": _l("the register has moved on since it came in"),
    "it is of a security that does not come in": _l("it is of a security that does not come in"),
    "its units were split: bring in the state after the split": _l(
        "its units were split: bring in the state after the split"
    ),
    "what it adjusts is not in this file, or its size does not fit": _l(
        "what it adjusts is not in this file, or its size does not fit"
    ),
    "the cancellation says it": _l("the cancellation says it"),
    "no security in the register follows it": _l("no security in the register follows it"),
}
"""Why an object of a file stays beside the register (engines/ocf/reading.py and families.py), in words."""
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
ON_CANCELLATION: dict[str, object] = {
    OnCancellation.RETURN: _l("Go back to the pool and can be granted anew"),
    OnCancellation.RETIRE: _l("Are gone"),
}
"""What becomes of units that lapse."""
SIGNERS: dict[Role, object] = {
    Role.FINANCE: _l("Finance"),
    Role.LEGAL: _l("Legal"),
    Role.BOARD: _l("The board"),
    Role.FUNDER: _l("The funder of state capital"),
}
"""Who may sign beside HR, in this order."""
ALLOCATIONS: dict[str, object] = {
    Allocation.CUMULATIVE_ROUNDING: _l("Rounded as it adds up (18 over 4: 5, 4, 5, 4)"),
    Allocation.CUMULATIVE_ROUND_DOWN: _l("Rounded down as it adds up (4, 5, 4, 5)"),
    Allocation.FRONT_LOADED: _l("Larger parts first (5, 5, 4, 4)"),
    Allocation.BACK_LOADED: _l("Larger parts last (4, 4, 5, 5)"),
    Allocation.FRONT_LOADED_TO_SINGLE_TRANCHE: _l("The rest with the first part (6, 4, 4, 4)"),
    Allocation.BACK_LOADED_TO_SINGLE_TRANCHE: _l("The rest with the last part (4, 4, 4, 6)"),
}
"""FRACTIONAL is left out: units are whole."""
DAYS: dict[str, object] = {
    START_DAY: _l("The day vesting starts, or the last of the month"),
    **{rule: _l("Day %(n)s", n=day) for rule, day in DAY_RULES.items() if day is not None and day < 29},
    **{rule: _l("Day %(n)s, or the last of the month", n=day) for rule, day in DAY_RULES.items() if (day or 0) > 28},
}
"""The day of the month on which an instalment vests."""
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
INSTRUMENTS: dict[str, object] = {
    Instrument.SHARE: _l("Units issued"),
    Instrument.AWARD: _l("Units promised"),
    Instrument.CASH_AWARD: _l("Rights to money"),
}
AWARDS: dict[str, object] = {
    "": INSTRUMENTS[Instrument.SHARE],
    "option": KINDS[PlanKind.OPTION],
    "option_iso": KINDS[PlanKind.OPTION],
    "option_nso": KINDS[PlanKind.OPTION],
    "rsu": KINDS[PlanKind.RSU],
    "csar": KINDS[PlanKind.SAR_CASH],
    "ssar": KINDS[PlanKind.SAR_STOCK],
}
"""What a security that came in gives, by the format's compensation type."""
STEPS: dict[str, dict[str, str]] = {
    StepKind.START: {"en": "Start of vesting", "zh": "变更归属起算日"},
    StepKind.EVENT: {"en": "Vesting event", "zh": "归属事件"},
    StepKind.ACCELERATION: {"en": "Bring vesting forward", "zh": "加速归属"},
    StepKind.LEAVE: {"en": "Pause vesting for a leave", "zh": "休假期间暂停归属"},
    StepKind.EXERCISE: {"en": "Exercise", "zh": "行权"},
    StepKind.RELEASE: {"en": "Release of units", "zh": "单位兑付"},
    StepKind.CANCELLATION: {"en": "Cancel units", "zh": "注销"},
    StepKind.REPURCHASE: {"en": "Buy back", "zh": "回购"},
    StepKind.REPRICING: {"en": "Change the price", "zh": "调整价格"},
    StepKind.CORRECTION: {"en": "Correct a movement", "zh": "更正"},
    StepKind.DEPARTURE: {"en": "Departure", "zh": "离职"},
    StepKind.MOVE: {"en": "Move within the group", "zh": "集团内调动"},
    StepKind.END: {"en": "End of a venture", "zh": "项目终止"},
    StepKind.GROWTH: {"en": "Part of an award on value growth", "zh": "价值增长奖励分期"},
}
"""Steps on grants in force, in both languages: they stand in requests for signatures."""
REASONS: dict[str, object] = {
    Reason.RESIGNATION: _l("Resigns"),
    Reason.CAUSE: _l("Dismissed for cause"),
    Reason.REDUNDANCY: _l("Redundancy, or the contract is not renewed"),
    Reason.RETIREMENT: _l("Retires"),
    Reason.DEATH: _l("Death or incapacity"),
    Reason.MOVE: _l("Moves to another company of the group"),
}
WHY: dict[str, object] = REASONS | {Reason.VENTURE_ENDED: _l("The venture was stopped")}
"""Why vesting changed: what HR says, and what a decision on a venture brings with it."""
ORDERS: dict[str, object] = {
    Order.NEXT: _l("What would have vested next"),
    Order.LAST: _l("What would have vested last"),
}
LIMITS: dict[str, object] = {
    POOL_RULE: _l("The plan's pool"),
    PERSON_RULE: _l("The plan's limit for one person"),
}
INPUTS: dict[str, object] = {
    "days": _l("days that the first grant takes"),
    "pay": _l("pay of a year"),
    "unit_value": _l("fair value of one unit"),
    "appraised": _l("appraised value of one unit"),
    "appraised_on": _l("appraised on"),
    "firm": _l("appraised by"),
    "again_months": _l("months that count"),
    "joined_on": _l("works here since"),
    "net_asset_growth": _l("growth of net assets in three years"),
    "profit": _l("after-tax profit of the year"),
    "staff": _l("staff of the company"),
    "after": _l("units issued and promised with this grant"),
    "state_holders": _l("holders of state capital that count"),
}
"""What a limit was computed from, in words."""
STRIPPED: dict[str, object] = {
    Stripped.CAPITAL_IN: _l("Capital paid in"),
    Stripped.CAPITAL_OUT: _l("Capital repaid"),
    Stripped.DIVIDEND: _l("Dividend declared"),
    Stripped.SPLIT: _l("Split of units"),
}
"""What changes a company's value without growth."""
MISSING: dict[str, object] = {
    "pay_minor": _l("enter the pay of a year"),
    "unit_value_minor": _l("enter the fair value of one unit"),
    "bought_units": _l("enter how many units are bought with the award"),
    "joined_on": _l("enter since when the person works here"),
    "appraisal": _l("there is no approved appraisal that can be used on the grant date"),
    "net_asset_growth_minor": _l("the plan does not say by how much net assets grew in three years"),
    "after_tax_profit_minor": _l("the plan does not say the after-tax profit of the year"),
    "staff": _l("the plan does not say how many people the company employs"),
    "state_units": _l("no unit of this class is issued yet, so nobody can say what the state holds"),
}
"""What a rule asks for, and nobody has said."""
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
    "equity_grant.reopen": _l("In force again"),
    "equity_grant.venture_ended": _l("Vesting ended with the venture"),
    "equity_grant.lapse_window": _l("Not exercised in time"),
    "equity_grant.settle_move": _l("The holder’s move to another company was settled"),
    "approval.request": _l("Signature asked for"),
    "approval.sign": _l("Signed"),
    "approval.refuse": _l("Signature refused"),
    "approval.cancel": _l("Request taken back"),
}
"""What happened to a grant, in words."""
