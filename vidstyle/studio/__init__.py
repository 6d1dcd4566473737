"""A page on this machine in which a look is chosen and its film painted, by the commands that it shows.

It does nothing that the command line can't: what the command line knows comes in as a `CommandLine`.
"""
