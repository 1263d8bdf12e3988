"""The representation room."""
