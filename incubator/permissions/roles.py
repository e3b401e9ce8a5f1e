"""Who is meant by a role, for the rows of the table."""

from incubator.approvals import predicates as signatures
from incubator.people.models import Role
from incubator.people.predicates import all_of, any_of, has_role, no
from incubator.proposals import predicates as proposals

is_office = has_role(Role.OFFICE)
is_hr = has_role(Role.HR)
is_ip_counsel = has_role(Role.IP_COUNSEL)
is_operator = has_role(Role.CLOUD_OPERATOR)
is_finance = has_role(Role.FINANCE)
keeps_credits = has_role(Role.FINANCE, Role.OFFICE, Role.CLOUD_OPERATOR)
is_auditor = has_role(Role.AUDITOR)
signs_equity = any_of(has_role(Role.HR, Role.FINANCE, Role.LEGAL, Role.BOARD, Role.FUNDER), signatures.is_stand_in)
is_administrator = has_role(Role.ADMINISTRATOR)
may_screen = all_of(is_office, no(proposals.is_author), no(proposals.is_close_to_team))
