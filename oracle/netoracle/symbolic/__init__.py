"""Unknowns: numbers that stand for a value the trace has not shown yet, and what is known of them.

The specification computes with an unknown as with any number.  A comparison that the
constraints leave open is decided by the run that is under way (`current`), which
explores both outcomes.
"""
