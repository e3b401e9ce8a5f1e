"""Who may do what: the whole table.

A row is an action (`@action` of the same name), a step of a state machine, or the right of a page (asked without a
subject). `nobody` marks a step that is declared and has no screen yet. Who *sees* a row is decided elsewhere
(people/access.py and each package's queries.visible_to).
"""

from incubator.approvals import predicates as signatures
from incubator.cloud import predicates as cloud
from incubator.core.actions import Rule
from incubator.equity import predicates as equity
from incubator.patents import predicates as patents
from incubator.people.models import Role
from incubator.people.predicates import all_of, any_of, has_role, is_employee, is_system, no, nobody
from incubator.proposals import predicates as proposals
from incubator.reviews import predicates as reviews
from incubator.rules import predicates as rules
from incubator.transparency import predicates as transparency
from incubator.ventures import predicates as ventures

is_office = has_role(Role.OFFICE)
is_hr = has_role(Role.HR)
is_ip_counsel = has_role(Role.IP_COUNSEL)
is_operator = has_role(Role.CLOUD_OPERATOR)
is_finance = has_role(Role.FINANCE)
is_auditor = has_role(Role.AUDITOR)
is_administrator = has_role(Role.ADMINISTRATOR)

may_screen = all_of(is_office, no(proposals.is_author), no(proposals.is_close_to_team))

PERMISSIONS: dict[str, Rule] = {
    # people
    "role.give":            any_of(is_administrator, is_system),
    # notices: what a person chooses for themselves
    "calendar.make":        is_employee,
    "calendar.end":         is_employee,
    # calls (section of engineer D)
    "call.manage":          is_office,
    "theme.create":         any_of(is_office, is_system),
    "credit_pool.create":   any_of(is_office, is_system),
    "rubric.publish":       any_of(is_office, is_system),
    "decision_rule.publish": any_of(is_office, is_system),
    "committee.create":     any_of(is_office, is_system),
    "call.create":          is_office,
    "call.update":          is_office,
    "call.publish":         is_office,
    "call.close":           any_of(is_office, is_system),
    # proposals (section of engineer D)
    "proposal.create":      proposals.is_addressed,
    "proposal.save":        proposals.is_author,
    "proposal.add_member":  proposals.is_lead,
    "proposal.set_team":    proposals.is_lead,
    "proposal.ask_team":    proposals.is_lead,
    "proposal.take_back":   proposals.is_lead,
    "proposal.accept_share": proposals.is_asked,
    "proposal.decline_share": proposals.is_asked,
    "proposal.decline_team": is_system,
    "proposal.submit":      proposals.is_lead,
    "proposal.withdraw":    proposals.is_lead,
    "proposal.lapse":       is_system,
    "proposal.board":       is_office,
    "proposal.screen":      may_screen,
    "proposal.return":      may_screen,
    "proposal.rule_out":    may_screen,
    "proposal.open_review": may_screen,
    "proposal.deliberate":  is_system,
    "proposal.decide":      is_system,
    "proposal.charter":     is_system,
    "proposal.merge":       nobody,
    "proposal.ask":         nobody,
    "proposal.answer":      nobody,
    "proposal.settle":      nobody,
    "proposal.appeal":      nobody,
    "proposal.answer_appeal": nobody,
    "proposal.recall":      nobody,
    "proposal.copy_on":     nobody,
    # reviews (section of engineer E)
    "review.queue":         has_role(Role.REVIEWER, Role.CHAIR),
    "review.assign":        may_screen,
    "assignment.prepare":   is_office,
    "assignment.change":    is_office,
    "assignment.add":       is_office,
    "assignment.publish":   is_office,
    "review.clear":         reviews.is_own_review,
    "review.recuse":        reviews.is_own_review,
    "review.save":          reviews.is_own_review,
    "review.start":         reviews.is_own_review,
    "review.seal":          reviews.is_own_review,
    "review.decline":       reviews.is_own_review,
    "review.reopen":        reviews.is_chair,
    "review.exclude":       reviews.is_chair,
    "conflict.lift":        all_of(is_office, no(reviews.is_own_conflict)),
    "review.lock":          reviews.is_chair,
    "review.expire":        reviews.is_chair,
    "round.list":           has_role(Role.CHAIR, Role.OFFICE, Role.AUDITOR),
    "round.rank":           any_of(reviews.is_chair, reviews.is_office_of),
    "round.close":          reviews.is_chair,
    "round.prepare":        reviews.is_chair,
    "round.release":        reviews.is_chair,
    "decision.override":    reviews.is_chair,
    "decision.sign":        reviews.is_member,
    "decision.hold":        reviews.is_chair,
    "decision.release":     reviews.is_chair,
    "decision.supersede":   reviews.is_chair,
    # ventures: the stages after the first have gates, and money has tranches, without screens yet
    "venture.open_sandbox": is_system,
    "venture.validate":     nobody,
    "venture.pilot":        nobody,
    "venture.scale":        nobody,
    "venture.spin_out":     nobody,
    "venture.absorb":       nobody,
    "venture.license":      nobody,
    "venture.stop":         nobody,
    "tranche.fall_due":     nobody,
    "tranche.submit_evidence": nobody,
    "tranche.verify":       nobody,
    "tranche.request_changes": nobody,
    "tranche.approve":      nobody,
    "tranche.release":      nobody,
    "tranche.fail_payment": nobody,
    "tranche.reconcile":    nobody,
    "tranche.cancel":       nobody,
    "tranche.claw_back":    nobody,
    # cloud: providers and what they offer
    "provider.create":      any_of(is_operator, is_system),
    "provider.add_offer":   any_of(is_operator, is_system),
    "provider.add_plan":    any_of(is_operator, is_system),
    # cloud: orders; within the grant nobody but the lead has to agree
    "lease.submit":         ventures.is_running_lead,
    "lease.approve":        is_system,
    "lease.refuse":         nobody,
    "lease.start":          is_system,
    "lease.extend":         nobody,
    "lease.expire":         is_system,
    "lease.end":            is_system,
    "lease.cancel":         is_system,
    # sandboxes of the cloud
    "sandbox.provision":    is_system,
    "sandbox.activate":     is_system,
    "sandbox.reveal":       cloud.is_lead,
    "sandbox.renew_access": cloud.is_lead,
    "sandbox.raise_limit":  cloud.is_lead,
    "sandbox.freeze":       is_system,
    "sandbox.unfreeze":     is_operator,
    "sandbox.close":        any_of(cloud.is_lead, is_operator, is_system),
    "sandbox.export":       nobody,
    "sandbox.wipe":         is_system,
    "sandbox.finish":       is_system,
    "sandbox.fail":         is_system,
    "sandbox.retry":        is_operator,
    "sandbox.quarantine":   is_system,
    "sandbox.lose":         is_system,
    # cloud: operations at providers
    "operation.list":       is_operator,
    "operation.claim":      is_system,
    "operation.back_off":   is_system,
    "operation.wait":       is_system,
    "operation.finish":     is_system,
    "operation.die":        is_system,
    "operation.retry":      is_operator,
    "operation.compensate": is_system,
    "operation.settle":     is_system,
    # rules, approvals, patents (section of engineer G)
    "approval.sign":        signatures.can_sign,
    "approval.refuse":      signatures.can_sign,
    "approval.cancel":      signatures.is_maker,
    "rule.list":            has_role(Role.OFFICE, Role.HR, Role.IP_COUNSEL, Role.AUDITOR),
    "rule.confirm":         rules.may_confirm,
    "rule.adopt":           rules.may_adopt,
    "patent.docket":        has_role(Role.IP_COUNSEL, Role.OFFICE, Role.HR),
    "matter.show":          has_role(Role.IP_COUNSEL, Role.OFFICE, Role.HR, Role.AUDITOR),
    "disclosure.create":    patents.is_venture_member,
    "disclosure.reshare":   patents.is_author,
    "inventor_share.accept": patents.is_asked,
    "inventor_share.decline": patents.is_asked,
    "disclosure.assess":    patents.is_its_counsel,
    "disclosure.propose_filing": patents.is_its_counsel,
    "disclosure.file":      has_role(Role.IP_COUNSEL, Role.OFFICE),
    "disclosure.refuse_filing": has_role(Role.IP_COUNSEL, Role.OFFICE),
    "disclosure.keep_secret": nobody,
    "disclosure.publish":   nobody,
    "disclosure.release":   nobody,
    "matter.file":          patents.is_its_counsel,
    "matter.publish":       patents.is_its_counsel,
    "matter.examine":       patents.is_its_counsel,
    "matter.grant":         patents.is_its_counsel,
    "matter.correct":       patents.is_its_counsel,
    "matter.lapse":         nobody,
    "matter.refuse":        nobody,
    "matter.withdraw":      nobody,
    "matter.expire":        nobody,
    "award.list":           is_hr,
    "award.show":           has_role(Role.HR, Role.AUDITOR),
    "award.calculate":      all_of(is_hr, no(patents.is_awarded)),
    "award.approve":        is_hr,
    "award.return":         is_hr,
    "award.enter_payroll":  is_hr,
    "award.pay":            nobody,
    # equity, transparency, portfolio (section of engineer H)
    "equity.list":          has_role(Role.HR, Role.OFFICE),
    "equity_plan.create":   is_hr,
    "equity_plan.submit":   is_hr,
    "equity_plan.approve":  all_of(is_hr, no(equity.is_maker)),
    "equity_plan.refuse":   all_of(is_hr, no(equity.is_maker)),
    "equity_plan.close":    nobody,
    "equity_grant.create":  is_hr,
    "equity_grant.revise":  all_of(is_hr, equity.is_maker),
    "equity_grant.check":   is_hr,
    "equity_grant.submit":  all_of(is_hr, equity.is_maker),
    "equity_grant.send_back": all_of(is_hr, no(equity.is_maker), no(equity.is_grant_holder)),
    "equity_grant.approve": all_of(is_hr, no(equity.is_maker), no(equity.is_grant_holder)),
    "equity_grant.offer":   is_hr,
    "equity_grant.accept":  equity.is_grant_holder,
    "equity_grant.activate": equity.is_grant_holder,
    "equity_grant.decline": equity.is_grant_holder,
    "equity_grant.cancel":  all_of(is_hr, equity.is_maker),
    "equity_grant.lapse":   nobody,
    "equity_grant.retract": nobody,
    "equity_grant.close":   nobody,
    "transfer.check_lock":  nobody,
    "transfer.give_notice": nobody,
    "transfer.take":        nobody,
    "transfer.waive":       nobody,
    "transfer.price":       nobody,
    "transfer.approve":     nobody,
    "transfer.settle":      nobody,
    "audit.list":           is_auditor,
    "case_grant.open":      all_of(is_auditor, no(equity.is_grant_holder)),
    "case_grant.close":     transparency.is_case_holder,
    "portfolio.list":       has_role(Role.OFFICE, Role.FINANCE, Role.AUDITOR, Role.CHAIR),
}  # fmt: skip

__all__ = ["PERMISSIONS", "all_of", "any_of", "is_employee", "no", "nobody"]
