"""Pure computation on units: schedules and caps; nothing here reads a database, a clock or a request."""
