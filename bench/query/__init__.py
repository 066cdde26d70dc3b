"""How fast questions are answered from many page views: see `__main__`."""
