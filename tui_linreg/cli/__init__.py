"""The command line: the program, its options, and its commands."""
