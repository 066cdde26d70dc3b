"""Wideload: browser performance telemetry, collected as wide events."""

from importlib.metadata import version

__version__ = version("wideload")
