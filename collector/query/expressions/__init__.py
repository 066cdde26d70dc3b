"""Honeycomb's expression language: text -> a tree -> SQL with bound parameters."""
