"""A Kafka topic instead of the spool's files: acknowledged when the brokers have it, committed when the store has it."""
