"""Reading and writing the HOL trace language.

The recorders of Netsem wrote this language, and HOL4's checker read it: a line that says how the host was set
up, the time at which the trace begins, and the labels, in the notation of HOL terms.  What the recorders knew
besides (the absolute time of a label, which of them saw it, its number in the merged recording) they put into
comments, and those are read as well:

    (** 1095745423.028462 "slurp0" **)
    (* Merge Index: 12 *)
    Lh_senddatagram(TCP(<| ... |>));

A joint trace of two hosts has a `net_initial_host` line for each, `Ln1_host("name", label)` for a label of
one of them and `Ln1_epsilon` for the time that passes for both; `Conflate Index` comments number its labels
and are not kept.  Remarks inside a label or after the last one are not kept either.

Older forms that are read, and as what, stand in `reading/calls.py` and `reading/records.py`.  A text is never
evaluated.
"""
