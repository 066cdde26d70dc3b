"""The public status page: what the operator has named, and nothing else."""
