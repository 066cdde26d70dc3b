"""Checks in a browser: journeys, and how fast a page is."""
