"""The symbolic search: is there a run of the specification that explains every label of a trace?"""
