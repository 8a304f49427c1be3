"""Pure decisions: no clock, no socket, no file, no randomness. Time and jitter come in as arguments."""
