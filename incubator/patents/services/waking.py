"""Waking the worker that computes deadlines anew."""

from incubator.core import queue


def wake() -> None:
    """Ask for the applications that wait; the periodic run finds what a lost wake-up left."""
    queue.enqueue("deadlines.recompute")
