"""Pure computation: what a file is, and what it must not hold."""
