"""Other weights: fine-tunings, kept as the change that they made.

A :class:`~hormesis.detox.weights.delta.WeightDelta` adds strength × ΔW for a while, or bakes it. Trainers are those of
trl (``sft``, ``dpo``), run on a copy (``trainable_copy``), with LoRA or on all weights; ``tuned`` reads off
what changed.
"""
