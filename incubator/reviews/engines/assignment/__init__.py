"""Who reviews what: exact, with a certificate. numpy, scipy and OR-Tools: for jobs alone."""

from incubator.reviews.engines.assignment.calls import ENGINE_VERSION, assign_call, inputs_hash

__all__ = ["ENGINE_VERSION", "assign_call", "inputs_hash"]
