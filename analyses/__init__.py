"""What computes published numbers from finished studies; a page under docs/results names the command that it needs."""
