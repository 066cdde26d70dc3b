"""The scheduler: which check is due where, who runs it, and what becomes of it."""
