"""From traces to text, laid out as the recorders of Netsem wrote it."""
