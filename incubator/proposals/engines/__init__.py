"""Pure computation about proposals."""
