"""What can be wrong with a checkout of the model."""


class SourceError(Exception):
    """A source file that cannot be read; the message names file and line."""
