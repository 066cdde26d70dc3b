"""Questions: a query specification becomes SQL, and rows become results."""
