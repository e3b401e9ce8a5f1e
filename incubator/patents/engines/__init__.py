"""Pure computation on patents: numbers, deadlines and awards; no database, no clock, no request."""
