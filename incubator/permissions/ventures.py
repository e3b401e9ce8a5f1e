"""Ventures, their credits and sandboxes."""

from incubator.approvals import predicates as signatures
from incubator.cloud import predicates as cloud
from incubator.core.actions import Rule
from incubator.people.models import Role
from incubator.people.predicates import all_of, any_of, has_role, is_system, no, nobody
from incubator.permissions.roles import is_auditor, is_finance, is_office, is_operator, keeps_credits
from incubator.ventures import predicates as ventures

ROWS: dict[str, Rule] = {
    # ventures: the stages after the first have gates, and money has tranches, without screens yet
    "venture.open_sandbox": is_system,
    "venture.validate":     is_system,
    "venture.pilot":        is_system,
    "venture.scale":        is_system,
    "venture.spin_out":     nobody,
    "venture.absorb":       nobody,
    "venture.license":      nobody,
    "venture.stop":         is_system,
    "tranche.plan":         is_office,
    "tranche.fall_due":     is_system,
    "tranche.cancel":       is_system,
    **dict.fromkeys(
        ("tranche.submit_evidence", "tranche.verify", "tranche.request_changes", "tranche.approve", "tranche.release",
         "tranche.fail_payment", "tranche.reconcile", "tranche.claw_back"), nobody,
    ),
    # cloud: providers and what they offer
    "provider.create":      any_of(is_operator, is_system),
    "provider.add_offer":   any_of(is_operator, is_system),
    "provider.add_plan":    any_of(is_operator, is_system),
    **dict.fromkeys(("provider.list", "credit_pool.list"), any_of(keeps_credits, is_auditor)),
    **dict.fromkeys(("provider.describe", "offer.create", "offer.update", "offer.add_size", "offer.change_quantities"), any_of(is_operator, is_system)),
    **dict.fromkeys(("offer.test_exit", "plan_price.propose", "cloud_policy.propose"), is_operator),
    **dict.fromkeys(("provider.connect", "plan.configure"), is_operator),
    # cloud: credits; what takes a second person (who signs stands in services/wishes.py)
    **dict.fromkeys(("fx_rate.propose", "credit_month.close", "suspense.clear"), is_finance),
    "fx_rate.list":         has_role(Role.FINANCE, Role.CLOUD_OPERATOR, Role.AUDITOR),
    "credit.ask":           ventures.is_running_lead,
    "lease.ask_extension":  cloud.is_lead,
    **dict.fromkeys(("cloud_wish.approve", "cloud_wish.refuse"), any_of(keeps_credits, signatures.is_stand_in)),
    "cloud_wish.cancel":    cloud.is_wish_maker,
    "credit.freeze":        any_of(keeps_credits, is_system),
    "credit.thaw":          any_of(all_of(keeps_credits, no(ventures.is_on_team)), is_system),
    "credit.give_back":     any_of(is_finance, is_office, is_system),
    "credit_month.list":    has_role(Role.FINANCE, Role.AUDITOR),
    # cloud: bills of providers that charge by bill; a held one is decided by another than whoever handed it in
    "bill_delivery.list":   has_role(Role.FINANCE, Role.CLOUD_OPERATOR, Role.AUDITOR),
    "bill_delivery.upload": has_role(Role.FINANCE, Role.CLOUD_OPERATOR),
    **dict.fromkeys(("bill_delivery.release", "bill_delivery.reject"), all_of(is_finance, no(cloud.is_bill_sender))),
    **dict.fromkeys(("bill_delivery.hold", "bill_delivery.refuse", "bill_delivery.post"), is_system),
    **dict.fromkeys(("bill_owner.name", "provider.set_bill_source"), is_operator),
    # cloud: orders; within the grant nobody but the lead has to agree
    "lease.submit":         ventures.is_running_lead,
    "lease.approve":        is_system,
    "lease.refuse":         nobody,
    "lease.start":          is_system,
    "lease.extend":         is_system,
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
    "sandbox.close_without_copy": any_of(cloud.is_lead, is_operator),
    "sandbox.export":       is_system,
    "sandbox.adopt":        is_operator,
    "sandbox.ask_export":   cloud.is_lead,
    "sandbox.add_member":   cloud.is_lead,
    "sandbox.remove_member": cloud.is_lead,
    "sandbox_member.ask":   cloud.is_lead,
    "sandbox_member.let_in": is_system,
    "sandbox_member.remove": any_of(cloud.is_lead, is_system),
    "sandbox_member.leave": is_system,
    "sandbox_member.reveal": cloud.is_member,
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
    "operation.compensate": is_operator,
    "operation.settle":     is_system,
    "finding.give_up":      is_operator,
    "manual_task.complete": is_operator,
    "manual_task.drop":     is_system,
}  # fmt: skip
