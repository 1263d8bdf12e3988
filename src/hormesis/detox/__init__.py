"""The detox room."""
