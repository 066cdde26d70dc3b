"""From the acknowledged event to the stored row: spool, loader, dead letters."""
