"""The truth about every row: what was meant, what was sent, what came of it."""
