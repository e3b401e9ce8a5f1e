"""What waits for a person, in words: kind -> (icon, tint, text)."""

from flask_babel import lazy_gettext as _l

WORDS: dict[str, tuple[str, str, object]] = {
    # proposals (section of engineer D); add: from flask_babel import lazy_gettext as _l
    "proposal.accept_share": ("users", "warn", _l("You are asked to agree to your share")),
    "proposal.put_right": ("pencil", "warn", _l("Returned to you to be put right")),
    "proposal.finish": ("bulb", "info", _l("A draft to finish before the call closes")),
    "proposal.screen": ("send", "info", _l("Handed in: begin the eligibility check")),
    "proposal.put": ("clipboard-check", "info", _l("In the eligibility check: put it to a committee, or return it")),
    # reviews (section of engineer E)
    "review.write": ("clipboard-check", "warn", _l("A review to write")),
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
    "decision.hold": ("file-text", "warn", _l("All is signed: have the letters written")),
    "decision.release": ("send", "warn", _l("The letters are written: release the decisions")),
    # ventures, cloud
    "venture.credits": ("coin", "info", _l("Credits were granted: order a sandbox")),
    "sandbox.ready": ("key", "info", _l("A sandbox is ready: look at its access data, they are shown once")),
    "sandbox.frozen": ("player-stop", "warn", _l("A sandbox is frozen: raise its limit or close it")),
    "operation.dead": ("alert-triangle", "bad", _l("A provider did not do what it was asked: look at it")),
    # approvals, patents (section of engineer G)
    "approval": ("signature", "warn", _l("Waits for your signature")),
    "rule.confirm": ("adjustments", "info", _l("A rule that a second person must confirm")),
    "inventor_share.answer": ("users", "warn", _l("You are asked to agree to your share in an invention")),
    "disclosure.reshare": ("users", "warn", _l("A share was declined: put other shares to the inventors")),
    "disclosure.assess": ("bulb", "info", _l("An invention to assess")),
    "disclosure.decide": ("clipboard-check", "info", _l("Assessed: decide what becomes of it")),
    "matter.file": ("file-text", "warn", _l("To be filed: record the filing")),
    "award.calculate": ("coin", "warn", _l("An inventors’ award to calculate")),
    # equity, transparency (section of engineer H)
    "equity_offer": ("signature", "warn", _l("An offer of equity waits for your answer")),
    "equity_draft": ("pencil", "info", _l("A draft grant waits for you to finish it")),
    "equity_leaver": ("users", "warn", _l("A leaver holds grants: say what becomes of them")),
    "transfer_notice": ("clock", "warn", _l("Units are for sale: take them or waive")),
    "transfer_step": ("arrow-right", "info", _l("A transfer waits for its next step")),
}
