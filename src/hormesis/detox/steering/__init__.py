"""Other activations: methods that hook modules of a model, or write the same change into its parameters.

A method says which modules it changes and how, as :class:`~hormesis.detox.steering.edits.Edit` values; strengths,
padding, the position rule and the life of hooks are :class:`~hormesis.detox.steering.hooked.HookedIntervention`'s. An
edit that is a constant or a linear map can be baked (``bake``).
"""
