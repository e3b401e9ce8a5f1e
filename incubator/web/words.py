"""The word, tint and icon of every state, keyed 'table.state'. A template never writes a state's word itself."""

from dataclasses import dataclass

from flask import Flask
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from incubator.web.language import kept, language

NEUTRAL, INFO, GOOD, WARN, BAD, DECISION = "neutral", "info", "good", "warn", "bad", "decision"


@dataclass(frozen=True)
class Word:
    """How a state looks and reads; text is translated when it is shown."""

    tint: str
    icon: str
    text: object


WORDS: dict[str, Word] = {
    # A call
    "call.draft": Word(NEUTRAL, "circle-dashed", _l("Draft")),
    "call.published": Word(GOOD, "circle-check", _l("Open for proposals")),
    "call.closed": Word(NEUTRAL, "lock", _l("Closed")),
    # A proposal
    "proposal.draft": Word(NEUTRAL, "circle-dashed", _l("Draft")),
    "proposal.awaiting_team": Word(WARN, "clock", _l("Waiting for the team")),
    "proposal.submitted": Word(INFO, "send", _l("Submitted")),
    "proposal.screening": Word(INFO, "progress", lazy_pgettext("state", "Screening")),
    "proposal.returned": Word(WARN, "pencil", _l("Returned")),
    "proposal.ineligible": Word(BAD, "ban", _l("Not eligible")),
    "proposal.merged": Word(NEUTRAL, "archive", _l("Merged")),
    "proposal.in_review": Word(INFO, "progress", _l("In review")),
    "proposal.clarification": Word(WARN, "pencil", _l("Questions asked")),
    "proposal.deliberation": Word(DECISION, "gavel", _l("At committee")),
    "proposal.accepted": Word(GOOD, "circle-check", _l("Accepted")),
    "proposal.accepted_conditional": Word(GOOD, "circle-check", _l("Accepted with conditions")),
    "proposal.shelved": Word(NEUTRAL, "archive", _l("Shelved")),
    "proposal.rejected": Word(BAD, "x", _l("Not accepted")),
    "proposal.appealed": Word(DECISION, "gavel", _l("Appealed")),
    "proposal.withdrawn": Word(NEUTRAL, "archive", _l("Withdrawn")),
    "proposal.lapsed": Word(NEUTRAL, "archive", _l("Lapsed")),
    # A review
    "review.assigned": Word(WARN, "clock", _l("Assigned")),
    "review.declined": Word(NEUTRAL, "x", _l("Declined")),
    "review.recused": Word(NEUTRAL, "ban", _l("Recused")),
    "review.cleared": Word(INFO, "clipboard-check", _l("Ready to score")),
    "review.draft": Word(NEUTRAL, "circle-dashed", _l("Draft")),
    "review.sealed": Word(GOOD, "lock", _l("Sealed")),
    "review.reopened": Word(WARN, "pencil", _l("Reopened")),
    "review.locked": Word(GOOD, "lock", _l("Locked")),
    "review.expired": Word(BAD, "clock", _l("Expired")),
    "review.excluded": Word(BAD, "ban", _l("Not counted")),
    # A round of a committee
    "round.open": Word(INFO, "progress", _l("Under review")),
    "round.closed": Word(DECISION, "gavel", _l("Reviews closed")),
    "round.decided": Word(DECISION, "signature", _l("Decided, not yet released")),
    "round.released": Word(GOOD, "circle-check", _l("Released")),
    # A decision
    "decision.prepared": Word(DECISION, "gavel", _l("Prepared")),
    "decision.signed": Word(DECISION, "signature", _l("Signed")),
    "decision.held": Word(WARN, "clock", _l("Held for release")),
    "decision.released": Word(GOOD, "circle-check", _l("Released")),
    "decision.superseded": Word(NEUTRAL, "history", _l("Superseded")),
    # A step that a second person signs
    "approval.waiting": Word(WARN, "clock", _l("Waiting for approval")),
    "approval.approved": Word(GOOD, "circle-check", _l("Approved")),
    "approval.refused": Word(BAD, "ban", _l("Refused")),
    "approval.cancelled": Word(NEUTRAL, "archive", _l("Withdrawn")),
    # A venture, its gates and tranches
    "venture.chartered": Word(INFO, "rocket", _l("Chartered")),
    "venture.sandbox": Word(INFO, "server", _l("In the sandbox")),
    "venture.validation": Word(INFO, "clipboard-check", _l("Validation")),
    "venture.pilot": Word(INFO, "seedling", _l("Pilot")),
    "venture.scale": Word(GOOD, "chart-bar", _l("Scaling up")),
    "venture.spun_out": Word(GOOD, "circle-check", _l("Spun out")),
    "venture.absorbed": Word(GOOD, "git-merge", _l("Taken over by the group")),
    "venture.licensed": Word(GOOD, "certificate", _l("Licensed out")),
    "venture.stopped": Word(NEUTRAL, "player-stop", _l("Stopped")),
    "gate.go": Word(GOOD, "circle-check", _l("Go")),
    "gate.hold": Word(WARN, "clock", _l("Hold")),
    "gate.pivot": Word(DECISION, "refresh", _l("Change course")),
    "gate.kill": Word(BAD, "player-stop", _l("Stop")),
    "tranche.planned": Word(NEUTRAL, "calendar", _l("Planned")),
    "tranche.due": Word(WARN, "clock", _l("Due")),
    "tranche.evidence_submitted": Word(INFO, "send", _l("Evidence submitted")),
    "tranche.verified": Word(INFO, "clipboard-check", _l("Verified")),
    "tranche.changes_requested": Word(WARN, "pencil", _l("Changes asked")),
    "tranche.approved_by_finance": Word(GOOD, "circle-check", _l("Approved by finance")),
    "tranche.released": Word(GOOD, "coin", _l("Paid out")),
    "tranche.reconciled": Word(GOOD, "circle-check", _l("Reconciled")),
    "tranche.cancelled": Word(NEUTRAL, "archive", _l("Cancelled")),
    "tranche.clawed_back": Word(BAD, "arrow-back-up", _l("Clawed back")),
    "tranche.payment_failed": Word(BAD, "alert-triangle", _l("Payment failed")),
    # Cloud: the order, what runs, and each call to a provider
    "lease.draft": Word(NEUTRAL, "circle-dashed", _l("Draft")),
    "lease.submitted": Word(INFO, "send", _l("Submitted")),
    "lease.approved": Word(GOOD, "circle-check", _l("Approved")),
    "lease.refused": Word(BAD, "ban", _l("Refused")),
    "lease.running": Word(GOOD, "player-play", _l("Running")),
    "lease.grace": Word(WARN, "clock", _l("In the days of grace")),
    "lease.ended": Word(NEUTRAL, "archive", _l("Ended")),
    "lease.cancelled": Word(NEUTRAL, "archive", _l("Cancelled")),
    "sandbox.requested": Word(INFO, "send", _l("Requested")),
    "sandbox.provisioning": Word(INFO, "refresh", _l("Provisioning")),
    "sandbox.active": Word(GOOD, "player-play", _l("Live")),
    "sandbox.frozen": Word(WARN, "player-stop", _l("Frozen")),
    "sandbox.closing": Word(INFO, "refresh", _l("Closing")),
    "sandbox.exporting": Word(INFO, "download", _l("Exporting")),
    "sandbox.wiping": Word(INFO, "refresh", _l("Wiping")),
    "sandbox.closed": Word(NEUTRAL, "archive", _l("Closed")),
    "sandbox.failed": Word(BAD, "alert-triangle", _l("Failed")),
    "sandbox.quarantined": Word(BAD, "lock", _l("Quarantined")),
    "sandbox.lost": Word(BAD, "alert-triangle", _l("Lost at the provider")),
    "operation.pending": Word(NEUTRAL, "clock", _l("Queued")),
    "operation.running": Word(INFO, "refresh", _l("Running now")),
    "operation.waiting": Word(INFO, "progress", _l("Waiting for the provider")),
    "operation.done": Word(GOOD, "circle-check", _l("Done")),
    "operation.compensating": Word(WARN, "arrow-back-up", _l("Being undone")),
    "operation.compensated": Word(NEUTRAL, "arrow-back-up", _l("Undone")),
    "operation.dead": Word(BAD, "alert-triangle", _l("Needs an operator")),
    # Patents and what inventors are owed
    "disclosure.disclosed": Word(INFO, "bulb", _l("Disclosed")),
    "disclosure.assessed": Word(INFO, "clipboard-check", _l("Assessed")),
    "disclosure.file": Word(GOOD, "file-text", _l("To be filed")),
    "disclosure.keep_secret": Word(NEUTRAL, "lock", _l("Kept secret")),
    "disclosure.publish": Word(NEUTRAL, "eye", _l("Published on purpose")),
    "disclosure.release": Word(NEUTRAL, "arrow-right", _l("Released to the inventors")),
    "matter.prepared": Word(NEUTRAL, "circle-dashed", _l("In preparation")),
    "matter.filed": Word(INFO, "send", _l("Filed")),
    "matter.published": Word(INFO, "eye", _l("Published")),
    "matter.examination": Word(INFO, "progress", _l("In examination")),
    "matter.granted": Word(GOOD, "certificate", _l("Granted")),
    "matter.lapsed": Word(NEUTRAL, "archive", _l("Lapsed")),
    "matter.refused": Word(BAD, "ban", _l("Refused")),
    "matter.withdrawn": Word(NEUTRAL, "archive", _l("Withdrawn")),
    "matter.expired": Word(NEUTRAL, "clock", _l("Expired")),
    "matter_event.file": Word(INFO, "send", _l("Filing")),
    "matter_event.publish": Word(INFO, "eye", _l("Publication")),
    "matter_event.examine": Word(INFO, "progress", _l("Start of examination")),
    "matter_event.grant": Word(GOOD, "certificate", _l("Announcement of the grant")),
    "matter_event.lapse": Word(NEUTRAL, "archive", _l("Lapse")),
    "matter_event.refuse": Word(BAD, "ban", _l("Refusal")),
    "matter_event.withdraw": Word(NEUTRAL, "archive", _l("Withdrawal")),
    "matter_event.expire": Word(NEUTRAL, "clock", _l("End of the term")),
    "patent_kind.invention": Word(INFO, "bulb", _l("Invention patent")),
    "patent_kind.utility_model": Word(INFO, "bulb", _l("Utility model")),
    "patent_kind.design": Word(INFO, "bulb", _l("Design")),
    "secrecy.ordinary": Word(NEUTRAL, "lock", _l("Ordinary: confidential until it is published")),
    "secrecy.trade_secret": Word(WARN, "lock", _l("Better kept as a trade secret")),
    "secrecy.state_review": Word(WARN, "lock", _l("Needs a security review before anything is filed abroad")),
    "inventor_share.asked": Word(WARN, "clock", _l("Not answered yet")),
    "inventor_share.accepted": Word(GOOD, "circle-check", _l("Share accepted")),
    "inventor_share.declined": Word(BAD, "x", _l("Share declined")),
    "rule.confirmed": Word(GOOD, "circle-check", _l("Confirmed")),
    "rule.unconfirmed": Word(WARN, "alert-triangle", _l("Not confirmed yet")),
    "award.due": Word(WARN, "clock", _l("Due")),
    "award.calculated": Word(INFO, "clipboard-check", _l("Calculated")),
    "award.approved": Word(GOOD, "circle-check", _l("Approved")),
    "award.in_payroll": Word(GOOD, "coin", _l("In payroll")),
    "award.paid": Word(GOOD, "circle-check", _l("Paid")),
    # Equity
    "equity_grant.draft": Word(NEUTRAL, "circle-dashed", _l("Draft")),
    "equity_grant.checked": Word(INFO, "clipboard-check", _l("Checked")),
    "equity_grant.in_approval": Word(DECISION, "gavel", _l("In approval")),
    "equity_grant.approved": Word(GOOD, "circle-check", _l("Approved")),
    "equity_grant.offered": Word(WARN, "send", _l("Offered")),
    "equity_grant.accepted": Word(GOOD, "signature", _l("Accepted by the holder")),
    "equity_grant.live": Word(GOOD, "circle-check", _l("In force")),
    "equity_grant.closed": Word(NEUTRAL, "archive", _l("Closed")),
    "equity_grant.declined": Word(NEUTRAL, "x", _l("Declined")),
    "equity_grant.lapsed": Word(NEUTRAL, "archive", _l("Lapsed")),
    "equity_grant.cancelled": Word(NEUTRAL, "archive", _l("Cancelled")),
    "equity_grant.retracted": Word(BAD, "arrow-back-up", _l("Retracted")),
    "vesting.vested": Word(GOOD, "circle-check", _l("Vested")),
    "vesting.next": Word(INFO, "clock", _l("Next")),
    "vesting.locked": Word(NEUTRAL, "lock", _l("Not vested")),
    "equity_step.in_approval": Word(DECISION, "gavel", _l("In approval")),
    "equity_step.done": Word(GOOD, "circle-check", _l("Done")),
    "equity_step.refused": Word(BAD, "ban", _l("Refused")),
    "equity_step.cancelled": Word(NEUTRAL, "archive", _l("Withdrawn")),
    "equity_batch.prepared": Word(NEUTRAL, "circle-dashed", _l("Prepared")),
    "equity_batch.sent": Word(INFO, "send", _l("Sent to payroll")),
    "equity_batch.settled": Word(GOOD, "circle-check", _l("Settled")),
    "equity_payment.sent": Word(INFO, "send", _l("Sent to payroll")),
    "equity_payment.paid": Word(GOOD, "circle-check", _l("Paid")),
    "equity_payment.failed": Word(BAD, "alert-triangle", _l("Payment failed")),
    "equity_plan.draft": Word(NEUTRAL, "circle-dashed", _l("Draft")),
    "equity_plan.in_approval": Word(DECISION, "gavel", _l("In approval")),
    "equity_plan.active": Word(GOOD, "circle-check", _l("In force")),
    "equity_plan.refused": Word(BAD, "ban", _l("Refused")),
    "equity_plan.closed": Word(NEUTRAL, "archive", _l("Closed")),
    "transfer.requested": Word(INFO, "send", _l("Requested")),
    "transfer.lock_check": Word(INFO, "lock", _l("Lock-up being checked")),
    "transfer.notice": Word(WARN, "clock", _l("Notice running")),
    "transfer.taken": Word(DECISION, "users", _l("First refusal taken")),
    "transfer.waived": Word(INFO, "circle-check", _l("First refusal waived")),
    "transfer.priced": Word(INFO, "coin", _l("Priced")),
    "transfer.approved": Word(GOOD, "circle-check", _l("Approved")),
    "transfer.settled": Word(GOOD, "circle-check", _l("Settled")),
    "transfer.refused": Word(BAD, "ban", _l("Refused")),
    "transfer.withdrawn": Word(NEUTRAL, "archive", _l("Withdrawn")),
    "transfer.reversed": Word(BAD, "arrow-back-up", _l("Taken back")),
    "ocf_import.draft": Word(NEUTRAL, "circle-dashed", _l("Draft")),
    "ocf_import.in_approval": Word(DECISION, "gavel", _l("In approval")),
    "ocf_import.applied": Word(GOOD, "circle-check", _l("Applied")),
    "ocf_import.refused": Word(BAD, "ban", _l("Refused")),
    "appraisal.draft": Word(NEUTRAL, "circle-dashed", _l("Draft")),
    "appraisal.in_approval": Word(DECISION, "gavel", _l("In approval")),
    "appraisal.approved": Word(GOOD, "circle-check", _l("Approved")),
    "appraisal.refused": Word(BAD, "ban", _l("Refused")),
    "capital_entry.draft": Word(NEUTRAL, "circle-dashed", _l("Draft")),
    "capital_entry.in_approval": Word(DECISION, "gavel", _l("In approval")),
    "capital_entry.entered": Word(GOOD, "circle-check", _l("Entered")),
    "capital_entry.refused": Word(BAD, "ban", _l("Refused")),
    "capital_entry.corrected": Word(BAD, "arrow-back-up", _l("Corrected")),
    # A role
    "role.office": Word(NEUTRAL, "users", _l("Innovation office")),
    "role.reviewer": Word(NEUTRAL, "clipboard-check", _l("Reviewer")),
    "role.chair": Word(NEUTRAL, "gavel", _l("Committee chair")),
    "role.hr": Word(NEUTRAL, "users", _l("Human resources")),
    "role.ip_counsel": Word(NEUTRAL, "scale", _l("IP counsel")),
    "role.cloud_operator": Word(NEUTRAL, "cloud", _l("Cloud operator")),
    "role.finance": Word(NEUTRAL, "coin", _l("Finance")),
    "role.legal": Word(NEUTRAL, "scale", _l("Legal")),
    "role.board": Word(NEUTRAL, "gavel", _l("Board")),
    "role.funder": Word(NEUTRAL, "coin", _l("Funder of state capital")),
    "role.auditor": Word(NEUTRAL, "shield-check", _l("Auditor")),
    "role.administrator": Word(NEUTRAL, "adjustments", _l("Administrator")),
    # Anything with a date
    "deadline.due": Word(WARN, "clock", _l("Due soon")),
    "deadline.overdue": Word(BAD, "alert-triangle", _l("Overdue")),
}


def look(key: str) -> Word:
    """How the state 'table.state' looks and reads. Raises KeyError for one without words: every state has them."""
    found: Word = kept(("look", key, language()), _look, key)
    return found


def _look(key: str) -> Word:
    word = WORDS[key]
    return Word(word.tint, word.icon, str(word.text))


def word(table: str, state: str) -> str:
    """How a state reads in the reader's language."""
    return str(WORDS[f"{table}.{state}"].text)


def local_words(text: dict[str, str] | None) -> str:
    """The office's words in the reader's language; the other one rather than nothing."""
    if not text:
        return ""
    return text.get(language()) or next(iter(text.values()))


def init_app(app: Flask) -> None:
    """Give templates `state_look` and `state_word`."""
    app.jinja_env.globals.update(state_look=look, state_word=word)
