"""Incubator: one chain from an idea to a share."""
