"""The auxiliary functions of the host model (TCP1_auxFnsScript.sml)."""
