"""The toy room."""
