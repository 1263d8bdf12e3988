"""Other logits: methods that read the same tokens a second time and combine what comes out.

A :class:`~hormesis.detox.contrasts.companion.Companion` is the second stream, with a key-value cache that branches and
shrinks with the model's own; :func:`~hormesis.detox.contrasts.contrast.contrasted` runs it beside every forward pass.
"""
