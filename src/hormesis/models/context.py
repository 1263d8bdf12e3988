"""How long a text a model can read.

One rule, from the config alone: what the model declares, under the names that families use. Rotary and relative
positions go on beyond it, only worse; a table of learned positions ends there. RoBERTa's tables count from the padding
token's place, so that two of their rows are no token's. What reads more than text has a config of its text part.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import PreTrainedConfig

_TABLES = ("max_position_embeddings", "n_positions")
_NAMES = (*_TABLES, "max_sequence_length", "max_seq_len")


def text_config(config: PreTrainedConfig) -> PreTrainedConfig:
    """The config of the part that reads and writes text: ``config`` itself, unless the model does more than that."""
    return config.get_text_config(decoder=True)


def context_length(config: PreTrainedConfig) -> int | None:
    """The longest sequence that a config declares, in tokens; None if it declares none."""
    return _declared(text_config(config), _NAMES)


def learned_positions(config: PreTrainedConfig) -> int | None:
    """:func:`context_length` where a longer sequence fails; None where positions are rotary or relative."""
    config = text_config(config)
    return None if getattr(config, "rope_parameters", None) is not None else _declared(config, _TABLES)


def _declared(config: PreTrainedConfig, names: tuple[str, ...]) -> int | None:
    for name in names:
        value = getattr(config, name, None)
        if isinstance(value, int) and value > 0:
            return value - 2 if "roberta" in str(config.model_type) else value
    return None
