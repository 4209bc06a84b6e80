"""Reports of a check: terminal, JSON, HTML and JUnit XML."""
