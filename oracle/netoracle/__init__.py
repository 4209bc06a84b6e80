"""The oracle: decides whether a correct host could have produced a trace, and explains."""
