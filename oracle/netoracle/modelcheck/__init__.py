"""Explicit-state and bounded symbolic checking of properties that the specification itself should have."""
