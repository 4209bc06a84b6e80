"""Mutants of traces: one small change each, to show what the oracle detects."""
