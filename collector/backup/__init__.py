"""Backups: everything that a collector has on its machine, in one file that is checked before it is used."""
