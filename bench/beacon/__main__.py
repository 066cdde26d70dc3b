"""`python -m bench.beacon`."""

from bench.beacon.cli import command

if __name__ == "__main__":
    command()
