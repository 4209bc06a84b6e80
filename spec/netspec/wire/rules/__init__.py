"""What a host may send, one module for each chapter, and the index of the rules."""
