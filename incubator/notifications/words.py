"""Notices in words: kind -> text with %(name)s for the notice's values."""

from flask_babel import lazy_gettext as _l

from incubator.notifications.models import Notice

WORDS: dict[str, object] = {
    # proposals
    "proposal.team_asked": _l("%(name)s asks you to agree to your share of “%(title)s”."),
    "proposal.team_accepted": _l("Everybody has agreed to the shares of “%(title)s”."),
    "proposal.team_declined": _l("%(name)s does not agree to the shares of “%(title)s”; it is a draft again."),
    "proposal.received": _l("“%(title)s” (%(number)s) is handed in. Here is your receipt."),
    "proposal.returned": _l("“%(title)s” was returned to you. Put it right by %(day)s."),
    "proposal.ruled_out": _l("“%(title)s” was found not eligible. The reason stands on its page."),
    "proposal.share_countered": _l("%(name)s proposes another share in “%(title)s”; it is a draft again."),
    "proposal.member_left": _l("%(name)s has left the team of “%(title)s”; the shares of those who stay have grown."),
    "proposal.merged": _l("“%(title)s” goes on in “%(survivor)s” (%(number)s)."),
    "proposal.asked": _l("The committee asks questions about “%(title)s”. Answer by %(day)s."),
    "proposal.asking_ended": _l("The time to answer about “%(title)s” is over; what you had kept was sent."),
    "proposal.appealed": _l("“%(title)s” was appealed for. Answer the appeal."),
    "proposal.appeal_answered": _l("Your appeal for “%(title)s” is answered."),
    "proposal.trigger_fired": _l("What the shelved proposal “%(title)s” waited for has come."),
    "proposal.recalled": _l("“%(title)s” was taken from the shelf into the call “%(call)s”."),
    "team_change.asked": _l("%(name)s asks you to agree to other shares in “%(title)s”."),
    "team_change.agreed": _l("The new shares in “%(title)s” stand: everybody has agreed."),
    "team_change.declined": _l("%(name)s does not agree to other shares in “%(title)s”."),
    "call.extended": _l("The call “%(call)s” closes later: you have until %(day)s to hand in “%(title)s”."),
    # reviews
    "review.assigned": _l("You are asked to review “%(title)s” by %(due)s."),
    "review.help_asked": _l("%(name)s asks that a colleague gives an opinion on “%(title)s”."),
    "review.help": _l("Your opinion on “%(title)s” is asked."),
    "review.help_given": _l("The opinion on “%(title)s” that you asked for is given."),
    "review.help_refused": _l("No opinion will be given on “%(title)s”: ask somebody else, or nobody."),
    "review.panel": _l("You are asked to judge “%(title)s” by %(due)s."),
    "review.panel_confirm": _l("A decision on “%(title)s” waits for a second member."),
    "review.panel_done": _l("The round over “%(title)s” is decided and confirmed."),
    "review.panel_recused": _l("%(name)s has a conflict of interest with “%(title)s” and judges it no more."),
    "review.answered": _l("The committee’s questions about “%(title)s” are answered. Your review goes on."),
    "review.declined": _l("%(name)s declined to review “%(title)s”. Choose another reviewer."),
    "review.reopened": _l("The chair opened your review of “%(title)s” again; the reason stands on its page."),
    "review.conflict_found": _l("%(name)s, who sealed a review of “%(title)s”, is in conflict with it since."),
    "review.due_soon": _l("Your review of “%(title)s” is due by %(due)s."),
    "review.late": _l("Your review of “%(title)s” was due by %(due)s. Seal it, decline it, or hand it over."),
    "review.late_of": _l("The review of “%(title)s” by %(name)s was due by %(due)s and is not sealed."),
    "review.hand_over": _l("%(name)s asks to hand the review of “%(title)s” to another member."),
    "review.handed_over": _l("Your review of “%(title)s” was handed over, as you asked."),
    "review.hand_over_refused": _l("The office did not agree to hand over your review of “%(title)s”."),
    "review.recused": _l("%(name)s has a conflict of interest with “%(title)s”. Choose another reviewer."),
    "decision.prepared": _l("The decision rule has been applied. A member of the committee signs next to the chair."),
    "decision.released": _l("The decision on “%(title)s” is there, with a letter for you."),
    # ventures, cloud
    "venture.chartered": _l("%(venture)s is now a venture"),
    "venture.tranche_due": _l("The gate before a tranche of %(venture)s is passed: the tranche is due"),
    "venture.credits": _l("%(venture)s was granted cloud credits"),
    "sandbox.ready": _l("Sandbox %(sandbox)s is ready; its access data are shown once"),
    "sandbox.failed": _l("Sandbox %(sandbox)s could not be made; its credits are back with the venture"),
    "sandbox.access": _l("Sandbox %(sandbox)s has a new password; it is shown once"),
    "sandbox.alert": _l("Sandbox %(sandbox)s has spent %(percent)s%% of its limit"),
    "sandbox.frozen_credit": _l("Sandbox %(sandbox)s is frozen: its limit is used up"),
    "sandbox.frozen_disk": _l("Sandbox %(sandbox)s is frozen: its disk is full"),
    "sandbox.frozen_lease": _l("Sandbox %(sandbox)s is frozen: its days are over"),
    "sandbox.open_again": _l("Sandbox %(sandbox)s is open again"),
    "sandbox.expired": _l("The days of sandbox %(sandbox)s are over; it is deleted after the days of grace"),
    "sandbox.lost": _l("Sandbox %(sandbox)s is no longer at its provider"),
    "sandbox.closed": _l("Sandbox %(sandbox)s is closed; the rest of its credits came back"),
    "operation.dead": _l("An operation of sandbox %(sandbox)s needs you"),
    # approvals, patents
    "inventor_share.asked": _l("%(name)s asks you to agree to your share in the invention %(number)s."),
    "inventor_share.declined": _l("%(name)s does not agree to their share in the invention %(number)s."),
    "disclosure.taken_up": _l("%(name)s looks after your invention %(number)s as IP counsel and may read it."),
    "disclosure.asked": _l("IP counsel asks you to complete the disclosure %(number)s."),
    "disclosure.file": _l("An application is going to be filed for your invention %(number)s."),
    "disclosure.keep_secret": _l("Your invention %(number)s is kept as a trade secret: nothing of it may be shown."),
    "disclosure.publish": _l("Your invention %(number)s may be published: no application is filed for it."),
    "disclosure.release": _l("Your invention %(number)s is released to its inventors."),
    "share_change.asked": _l("%(name)s asks you to agree to other shares in the invention %(number)s."),
    "share_change.agreed": _l("The new shares in the invention %(number)s stand."),
    "share_change.declined": _l("%(name)s does not agree to other shares in the invention %(number)s."),
    "matter.grant": _l("A patent was granted: %(number)s. An award follows."),
    "units_due.created": _l("You are owed shares, as your patent was contributed as capital (%(number)s)."),
    "award.remind": _l("The inventors’ award %(number)s is due by %(day)s and not paid."),
    "award.overdue": _l("The inventors’ award %(number)s was due by %(day)s and is not paid."),
    "award.remind_many": _l("%(n)s inventors’ awards are due, the first by %(first)s."),
    "award.overdue_many": _l("%(n)s inventors’ awards are overdue, the first since %(first)s."),
    "award.paid": _l("Your part of the inventors’ award %(number)s was paid."),
    "deadline.remind": _l("A deadline of %(number)s ends on %(day)s."),
    "deadline.remind_many": _l("%(n)s deadlines need you, the first by %(first)s."),
    "deadline.escalate": _l("Nobody has acknowledged a deadline of %(number)s that ends on %(day)s."),
    "deadline.escalate_many": _l("%(n)s deadlines are not acknowledged, the first ends on %(first)s."),
    "deadline.missed": _l("A deadline of %(number)s was missed on %(day)s. See what can still be done."),
    "deadline.missed_many": _l("%(n)s deadlines were missed, the first on %(first)s."),
    "deadline.moved": _l("The calendar was published: a provisional deadline moves from %(before)s to %(after)s."),
    "award.in_payroll": _l("Your part of the inventors’ award %(number)s is in the payroll."),
    # approvals
    "delegation.given": _l("%(name)s has named you as a stand-in for signatures until %(day)s."),
    "delegation.ended": _l("You no longer stand in for %(name)s."),
    # equity, transparency
    "equity_plan.approved": _l("The equity plan of %(venture)s is approved."),
    "equity_plan.refused": _l("The equity plan of %(venture)s was refused."),
    "equity_grant.offered": _l("You are offered a grant of %(venture)s: %(number)s."),
    "equity_grant.approved": _l("Grant %(number)s is approved and offered to its holder."),
    "growth_settlement.approved": _l("The settlement %(number)s of value growth is approved."),
    "growth_settlement.refused": _l("The settlement %(number)s of value growth was refused."),
    "growth_settlement.settled": _l("The value growth of %(venture)s is settled; your part stands under My equity."),
    "equity_plan.closed": _l("The equity plan of %(venture)s is closed."),
    "equity_grant.retracted": _l("The offer of grant %(number)s was taken back."),
    "equity_grant.lapsed": _l("The offer of grant %(number)s was not accepted in time."),
    "equity_grant.sent_back": _l("Grant %(number)s was sent back to you."),
    "equity_grant.accepted": _l("Grant %(number)s was accepted by its holder."),
    "equity_step.done": _l("Done: what you asked for on grant %(number)s is signed."),
    "equity_step.refused": _l("Refused: what you asked for on grant %(number)s."),
    "equity_grant.changed": _l("Your grant %(number)s has changed."),
    "equity_grant.declined": _l("Grant %(number)s was declined by its holder."),
    "capital_entry.approved": _l("Issued units of %(issuer)s are in the register."),
    "capital_entry.refused": _l("Your entry of issued units of %(issuer)s was refused."),
    "ocf_import.approved": _l("The cap table file for %(issuer)s is in."),
    "appraisal.approved": _l("The appraisal of %(issuer)s is approved."),
    "appraisal.refused": _l("The appraisal of %(issuer)s was refused."),
    "transfer.notice": _l("Units of %(issuer)s are for sale (%(number)s): you come first. Answer in time."),
    "transfer.answered": _l("First refusal on transfer %(number)s is over."),
    "transfer.approved": _l("Transfer %(number)s is approved and can be settled."),
    "transfer.refused": _l("Transfer %(number)s was refused."),
}

GROUPS: dict[str, tuple[object, tuple[str, ...]]] = {
    "proposals": (_l("Your proposals and calls"), ("proposal.", "team_change.", "call.", "decision.released")),
    "reviews": (_l("Reviewing and deciding"), ("review.", "round.", "decision.", "gate.", "delegation.")),
    "ventures": (_l("Ventures, credits and sandboxes"), ("venture.", "tranche.", "sandbox.", "lease.", "operation.")),
    "patents": (
        _l("Inventions, patents and awards"),
        ("inventor", "share_change.", "disclosure.", "matter.", "award.", "units_due.", "deadline."),
    ),
    "equity": (_l("Equity"), ("equity", "growth_", "transfer.", "capital_entry.", "ocf_import.", "appraisal.")),
    "other": (_l("Everything else"), ("",)),
}
"""What people choose about: group -> its name and how the names of its kinds begin; the first that fits counts."""


def group_of(kind: str) -> str:
    """The group of a kind; 'other' for one that no group names."""
    return next(group for group, (_label, beginnings) in GROUPS.items() if kind.startswith(beginnings))


def words(notice: Notice) -> str:
    """The notice in the reader's language. A lazy string is put into words first, then filled."""
    return str(WORDS[notice.kind]) % notice.values
