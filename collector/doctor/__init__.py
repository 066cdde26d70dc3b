"""`wideload doctor`: gathers facts (on a running collector, or from its files), judges them, and says what to do."""
