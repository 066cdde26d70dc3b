"""`python -m collector` is `wideload`."""

from collector.cli import main

main()
