"""Dashboards: the prebuilt ones, those that people make, and links that show one of them to somebody without an account."""
