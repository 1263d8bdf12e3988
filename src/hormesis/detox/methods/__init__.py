"""The methods, a file each: its options, what it is called, what it needs, and how it is made.

To add one, write a file here and its test; nothing else lists it. A plug-in's file is the same, in a package of its
own, with an entry point of the group ``hormesis.methods`` that names its module.
"""
