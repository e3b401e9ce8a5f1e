"""What a solver found, and how it is kept with its run."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from incubator.core import clock
from incubator.reviews.models import AssignmentRun, RankingRun
from incubator.reviews.states import RunState


@dataclass(frozen=True)
class Found:
    """All that went into a run and came out of it, as plain data. digest: SHA-256 of the inputs (RFC 8785), in hex."""

    inputs: dict[str, Any]
    digest: str
    result: dict[str, Any]
    rows: list[dict[str, Any]]
    versions: dict[str, Any]

    @property
    def rows_hash(self) -> str:
        """SHA-256 of the rows as JSON with sorted keys, in hex."""
        return hashlib.sha256(json.dumps(self.rows, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def keep_found(run: RankingRun | AssignmentRun, found: Found) -> None:
    """Finish a run with what was found; from here on the database lets none of it change."""
    run.inputs, run.inputs_hash, run.rows_hash = found.inputs, found.digest, found.rows_hash
    run.result, run.versions = found.result, found.versions
    run.state, run.progress, run.finished_at = RunState.DONE, 100, clock.now()
