"""`python -m bench.beacon`."""

from bench.beacon.cli import main

main()
