"""From text to terms, from terms to values, labels and traces."""
