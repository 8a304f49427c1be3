"""The verbs that act: load a manifest, send its rows, settle what is in doubt, stop in order."""
