"""Saying why: the premise behind a failure, and what each step of a run changed."""
