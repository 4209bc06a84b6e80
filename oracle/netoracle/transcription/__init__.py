"""The HOL4 text of the model, read, evaluated and compared with the specification.

`reader` parses the source files, `evaluate` computes with them, and the comparisons say
where the Python specification and the text differ.
"""
