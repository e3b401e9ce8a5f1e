"""What waits for a person, in words: kind -> (icon, tint, text); and what a person can start: (icon, text)."""

from flask_babel import lazy_gettext as _l

WORDS: dict[str, tuple[str, str, object]] = {
    # proposals
    "proposal.accept_share": ("users", "warn", _l("You are asked to agree to your share")),
    "proposal.put_right": ("pencil", "warn", _l("Returned to you to be put right")),
    "proposal.finish": ("bulb", "info", _l("A draft to finish before the call closes")),
    "proposal.screen": ("send", "info", _l("Handed in: begin the eligibility check")),
    "proposal.put": ("clipboard-check", "info", _l("In the eligibility check: put it to a committee, or return it")),
    "proposal.answer_questions": ("message-circle", "warn", _l("The committee asks questions: answer them")),
    "proposal.answer_change": ("users", "warn", _l("You are asked to agree to other shares of a team")),
    "proposal.answer_appeal": ("gavel", "warn", _l("An appeal to answer")),
    "proposal.recall": ("archive", "info", _l("What a shelved proposal waited for has come: recall it, or leave it")),
    "join_offer.answer": ("user-plus", "info", _l("Somebody would join your team: answer the offer")),
    "likeness.answer": ("copy", "info", _l("Another office asks whether a proposal of yours is the same: answer")),
    # reviews
    "review.write": ("clipboard-check", "warn", _l("A review to write")),
    "review.hand_over": ("user-plus", "warn", _l("A reviewer asks to hand a review over")),
    "review.slot": ("user-plus", "warn", _l("A reviewer stepped back: choose another")),
    "round.close": ("gavel", "info", _l("The reviews are in: close the round")),
    "round.close_early": (
        "gavel",
        "info",
        _l("The reviews so far are in, and the call still takes proposals: close the round when no more is to come"),
    ),
    "round.prepare": ("gavel", "warn", _l("The round is closed: let the rule decide")),
    "decision.sign": ("signature", "warn", _l("Decisions wait for your signature")),
    "decision.second": ("signature", "warn", _l("Decisions wait for a second signature: yours")),
    "meeting.vote": ("gavel", "warn", _l("The committee votes: your vote is asked")),
    "decision.hold": ("file-text", "warn", _l("All is signed: have the letters written")),
    "decision.release": ("send", "warn", _l("The letters are written: release the decisions")),
    # ventures, cloud
    "venture.credits": ("coin", "info", _l("Credits were granted: order a sandbox")),
    "sandbox.ready": ("key", "info", _l("A sandbox is ready: look at its access data, they are shown once")),
    "sandbox.failed": ("alert-triangle", "bad", _l("A sandbox could not be made, its credits are back: order another")),
    "sandbox.frozen": ("player-stop", "warn", _l("A sandbox is frozen: raise its limit or close it")),
    "operation.dead": ("alert-triangle", "bad", _l("A provider did not do what it was asked: look at it")),
    # approvals, patents
    "approval": ("signature", "warn", _l("Waits for your signature")),
    "rule.confirm": ("adjustments", "info", _l("A rule that a second person must confirm")),
    "inventor_share.answer": ("users", "warn", _l("You are asked to agree to your share in an invention")),
    "disclosure.reshare": ("users", "warn", _l("A share was declined: put other shares to the inventors")),
    "disclosure.take_up": ("lock", "info", _l("An invention that no counsel looks after yet")),
    "disclosure.assess": ("bulb", "info", _l("An invention to assess")),
    "disclosure.decide": ("clipboard-check", "info", _l("Assessed: decide what becomes of it")),
    "disclosure.complete": ("pencil", "warn", _l("IP counsel asks you to complete a disclosure")),
    "share_change.answer": ("users", "warn", _l("You are asked to agree to other shares in an invention")),
    "security_review.request": ("lock", "warn", _l("Before it goes abroad: ask for the security review")),
    "security_review.answer": ("lock", "info", _l("The security review: record the office’s answer")),
    "trade_secret.review": ("lock", "warn", _l("A trade secret to look at again")),
    "award.pay": ("coin", "info", _l("In the payroll: record the payment")),
    "exploitation.choose_rule": ("scale", "warn", _l("Which rule applies to a patent’s use: say so")),
    "matter.file": ("file-text", "warn", _l("To be filed: record the filing")),
    "deadline.due": ("clock", "warn", _l("A deadline to meet")),
    "deadline.missed": ("alert-triangle", "bad", _l("A deadline was missed: see what can still be done")),
    "deadline.difference": ("calendar", "warn", _l("A recomputation would change deadlines: look at the differences")),
    "award.calculate": ("coin", "warn", _l("An inventors’ award to calculate")),
    # equity, transparency
    "equity_offer": ("signature", "warn", _l("An offer of equity waits for your answer")),
    "equity_draft": ("pencil", "info", _l("A draft grant waits for you to finish it")),
    "equity_leaver": ("users", "warn", _l("A leaver holds grants: say what becomes of them")),
    "transfer_notice": ("clock", "warn", _l("Units are for sale: take them or waive")),
    "patent_units": ("certificate", "warn", _l("A patent was contributed: enter its inventors’ units")),
    "transfer_step": ("arrow-right", "info", _l("A transfer waits for its next step")),
}

STARTS: dict[str, tuple[str, object]] = {
    "call.answer": ("flag", _l("Answer this call with a proposal")),
    "call.prepare": ("plus", _l("Prepare it, and publish it when it is ready")),
    "disclosure.start": ("bulb", _l("Disclose an invention from this venture")),
    "docket.keep": ("scale", _l("Record what a patent office did")),
    "sandbox.order": ("server", _l("Order another sandbox from this venture’s credits")),
    "operation.look": ("cloud", _l("Look at operations and findings")),
    "equity_plan.start": ("certificate", _l("Make the first equity plan of this venture")),
    "equity_grant.start": ("certificate", _l("Make the first grant of this venture’s plan")),
    "case.open": ("shield-check", _l("Open it on a share, with a reason and an end")),
}
