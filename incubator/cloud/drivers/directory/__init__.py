"""Vendors with a directory of member accounts: one account per sandbox, through their own SDKs."""
