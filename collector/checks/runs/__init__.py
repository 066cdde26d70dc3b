"""Runs of checks: attempts, what is said of them, and the events that they become."""
