"""
A run with one safety taken away, wired as the command line wires it, through seams that are there anyway.

Nothing of batcher can be switched off like this; what is left is no run that anybody should make.
"""
