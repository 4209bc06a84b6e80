"""TCP as it shows on the wire: the host's rules with the application's calls and the scheduling left open."""
