"""Exporters: journeys → Playwright tests in Python, so that nobody has to stay."""
