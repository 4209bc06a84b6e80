"""What exercises each rule of the specification: tests, traces, or nothing and why.

What tests and traces exercise is measured by `make rules` and kept in `data/`; reasons are written by hand.
"""
