"""What is different about some of the events: a selection of them against all others, field by field."""
