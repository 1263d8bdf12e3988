"""A key–value cache that branches: one prefilled prompt becomes many continuations, with room for what they
will add."""

from __future__ import annotations

from typing import cast

from torch import LongTensor, Tensor
from transformers import DynamicCache
from transformers.cache_utils import DynamicLayer


class RoomyLayer(DynamicLayer):  # type: ignore[no-untyped-call]
    """One layer's keys and values in buffers with free columns at the end.

    ``DynamicLayer`` concatenates, hence copies the whole cache for every new token; here a token is written
    in place and the attention sees a view. Buffers have the shape [rows, key–value heads, columns, head
    width].
    """

    def __init__(self, keys: Tensor, values: Tensor, length: int) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.keys: Tensor = keys
        self.values: Tensor = values
        self.length = length
        self.dtype, self.device = keys.dtype, keys.device
        self.is_initialized = True

    @classmethod
    def branch(cls, layer: DynamicLayer, rows: Tensor, extra: int) -> RoomyLayer:
        """``layer[rows]`` with ``extra`` free columns."""

        length = layer.get_seq_length()

        def grown(states: Tensor) -> Tensor:
            buffer = states.new_empty(len(rows), states.shape[1], length + extra, states.shape[3])
            buffer[:, :, :length] = states[rows, :, :length]
            return buffer

        return cls(grown(cast(Tensor, layer.keys)), grown(cast(Tensor, layer.values)), length)

    def update(self, key_states: Tensor, value_states: Tensor, *_: object, **__: object) -> tuple[Tensor, Tensor]:
        """Write the new columns and return views of all that is filled."""
        start, self.length = self.length, self.length + key_states.shape[-2]
        self.keys[:, :, start : self.length] = key_states
        self.values[:, :, start : self.length] = value_states
        return self.keys[:, :, : self.length], self.values[:, :, : self.length]

    def get_seq_length(self) -> int:
        """Filled columns (``Cache`` takes its length, and so its positions, from here)."""
        return self.length


def branch(cache: DynamicCache, rows: Tensor, extra: int) -> None:
    """Replace the batch of ``cache`` by ``rows`` of it (repeats allowed), with room for ``extra`` more
    columns, in place.

    Plain attention layers become :class:`RoomyLayer`; sliding-window and recurrent layers keep the class that
    transformers gave them, so any causal language model works.
    """
    for index, layer in enumerate(cache.layers):
        plain = type(layer) in (DynamicLayer, RoomyLayer)
        if plain and cast(DynamicLayer, layer).get_seq_length() > 0:
            cache.layers[index] = RoomyLayer.branch(cast(DynamicLayer, layer), rows, extra)
        else:
            layer.reorder_cache(cast(LongTensor, rows))
