"""Pure computation on legal periods and working days; no database, no clock, no request."""
