"""The kinds of cell, a file each: its part of the YAML, what decides a result, and how it is planned, run and priced.

To add one, write a file here and its test; nothing else lists it. A kind's file names the files of its cells' folders.
"""
