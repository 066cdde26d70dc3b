"""Pictures of every view of the viewer, on the demo's page views of one fixed week. See `python -m tests.screenshots --help`."""
