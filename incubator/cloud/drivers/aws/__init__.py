"""Amazon Web Services: an account of the organization per sandbox, from a pool, wiped and used again."""
