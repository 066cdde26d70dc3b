"""Probes: one look at a server, which gives the facts that conditions are about."""
