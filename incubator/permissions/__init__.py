"""Who may do what: the whole table.

A row is an action (`@action` of the same name), a step of a state machine, or the right of a page (asked without a
subject). `nobody` marks a step that is declared and has no screen yet. Who *sees* a row is decided elsewhere
(people/access.py and each package's queries.visible_to).
"""

from incubator.core.actions import Rule
from incubator.permissions import equity, patents, pitching, reviews, ventures

PARTS = (pitching.ROWS, reviews.ROWS, ventures.ROWS, patents.ROWS, equity.ROWS)
PERMISSIONS: dict[str, Rule] = {name: rule for part in PARTS for name, rule in part.items()}
