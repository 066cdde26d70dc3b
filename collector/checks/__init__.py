"""Synthetic checks: what a runner and the collector agree on."""
