"""From finished cells to what a user reads: tables over all, what a check found, how scorers agree, the report."""
