"""The commands of the program: what `wideload` takes, asks and prints."""
