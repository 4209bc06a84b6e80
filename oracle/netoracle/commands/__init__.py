"""The commands, one module each: what they read, run and write."""
