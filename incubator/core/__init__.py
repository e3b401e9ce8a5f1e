"""Mechanisms that know no domain."""
