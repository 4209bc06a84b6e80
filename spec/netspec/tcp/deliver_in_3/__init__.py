"""The steps of the rule for segments in the connected states (deliver_in_3)."""
