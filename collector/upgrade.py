"""`wideload migrate`: bring a store's schema up to date without starting a collector."""

from __future__ import annotations

from collector.config import Settings
from collector.errors import StoreUnavailable
from collector.store import open_store


def upgrade(settings: Settings) -> list[str]:
    """Apply what is missing and return the names of the migrations that were applied.

    Raises:
        StoreUnavailable: the store cannot be opened or asked.
    """
    try:
        store = open_store(settings.store, settings.data_dir, settings.server)
    except StoreUnavailable as error:
        hint = "If that is a running collector: it has migrated its store when it started, so there is nothing to do."
        raise StoreUnavailable(f"{error.message}\n{hint}", error.code) from error
    try:
        return store.migrate()
    finally:
        store.close()
