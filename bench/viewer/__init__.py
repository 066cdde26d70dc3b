"""What the viewer costs its readers: bytes, waiting, and a page that moves. See `python -m bench.viewer --help`."""
