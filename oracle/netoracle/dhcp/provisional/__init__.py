"""Rules to check by until the specification's own are connected: the most telling ones, not all."""
