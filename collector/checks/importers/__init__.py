"""Importers: recordings and checks of other products → check files, with a report of every step."""
