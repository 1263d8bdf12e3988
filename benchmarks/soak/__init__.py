"""Faults by the hundred: kills, full disks, damaged files, flipped bits, bad inputs: ``python -m benchmarks.soak``."""
