"""``python -m batcher``."""

from batcher.cli import main

main()
