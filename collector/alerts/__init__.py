"""Alerts: rules of the operator over runs of checks and over questions, incidents, and the channels that tell people."""
