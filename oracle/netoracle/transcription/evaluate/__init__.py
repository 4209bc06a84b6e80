"""An evaluator of the model's HOL4 text.

It computes with the values of the specification (records, enumerations, finite maps), but
with nothing of its functions: what a definition means is taken from the text alone, and what
HOL4's own library functions mean from `library`.

A term may mention variables that are not known yet.  A formula is then solved: each conjunct
waits until enough is known to decide it, to branch on it, or to take a value from it.
"""
