"""Pure computation on scores: nothing here reads a database, a clock or a request."""
