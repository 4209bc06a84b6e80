"""What cannot be converted."""

from __future__ import annotations


class NotInModel(Exception):
    """Something recorded that the model's types have no place for; the message says what, in a few words."""
