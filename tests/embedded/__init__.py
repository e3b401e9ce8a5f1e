"""Tests of the servers for one machine; they start real ones."""
