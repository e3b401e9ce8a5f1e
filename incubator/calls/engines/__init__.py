"""Pure computation of calls."""
