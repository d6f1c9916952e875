"""modtui in lines: what a moderator hears with a screen reader, or reads on a serial line.

Lines come in, lines go out; nothing is drawn. Time, input and output are parameters.
"""
