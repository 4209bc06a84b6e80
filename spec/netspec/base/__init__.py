"""Common ground of all protocols: numbers, time, timers, addresses, errors, choices."""
