"""What our beacon costs a page, beside the two that it is compared with: see bench/README.md."""
