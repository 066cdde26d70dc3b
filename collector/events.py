"""The event: the flat record that every room passes on."""

from __future__ import annotations

from typing import Any

#: A decoded event as the spool keeps it and the loader reads it back: known fields by name (times as epoch ms), and what is
#: not in the dictionary under `attrs_string`, `attrs_number`, `attrs_bool`. An absent name was not measured.
Event = dict[str, Any]
