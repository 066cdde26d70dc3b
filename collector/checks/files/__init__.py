"""Check files: `checks/**/*.check.yaml`."""
