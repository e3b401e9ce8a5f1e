"""What can be done with people: sign in, be given a role, keep views of lists, be taken in from a table."""

from incubator.people.services.directory import (
    MOST_VIEWS,
    SIGN_IN_REFUSED,
    add_company,
    add_person,
    authenticate,
    count_set,
    give_role,
    hasher,
    latin,
    lock_counts,
    mark_demo,
    note_refused_sign_in,
    remove_view,
    save_view,
    set_count,
    set_default_view,
    set_password,
)
from incubator.people.services.importing import (
    apply,
    apply_companies,
    apply_people,
    ask_for_import,
    discard,
)
from incubator.people.services.leaving import end_last_days
from incubator.people.services.staging import check, stage

__all__ = [
    "MOST_VIEWS",
    "SIGN_IN_REFUSED",
    "add_company",
    "add_person",
    "apply",
    "apply_companies",
    "apply_people",
    "ask_for_import",
    "authenticate",
    "check",
    "count_set",
    "discard",
    "end_last_days",
    "give_role",
    "hasher",
    "latin",
    "lock_counts",
    "mark_demo",
    "note_refused_sign_in",
    "remove_view",
    "save_view",
    "set_count",
    "set_default_view",
    "set_password",
    "stage",
]
