"""Which modules of a model are hooked, and how its heads lie in their input."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import nn

from hormesis.errors import HormesisError
from hormesis.models import evaluating, input_device, text_config
from hormesis.models.architecture import ARCHITECTURES as ARCHITECTURES
from hormesis.models.architecture import Architecture as Architecture

if TYPE_CHECKING:
    from transformers import PreTrainedConfig, PreTrainedModel


def input_width(projection: nn.Module) -> int | None:
    """The number of features that a projection takes: ``nn.Linear``, GPT-2's ``Conv1D``, or anything with the like."""
    width = getattr(projection, "in_features", getattr(projection, "nx", None))
    return width if isinstance(width, int) else None


@dataclass(frozen=True, eq=False)
class ModelLayout:
    """The hooked modules of one model, layer by layer, and the shape of their input.

    A head's activation z is the input of the attention output projection, [batch, time, heads · head_width] split into
    heads. ``head_width`` is the projection's input width over the number of *query* heads: under grouped-query
    attention, or when ``config.head_dim`` is free, hidden_size / heads would be wrong.
    """

    model: PreTrainedModel
    """The whole model that the modules belong to."""
    architecture: Architecture
    decoder: nn.Module
    """Runs the layers; sees the key–value cache."""
    output_projections: tuple[nn.Module, ...]
    """The hooked modules, first layer first."""
    heads: int
    """Query heads of a layer."""
    head_width: int
    """Features of a head."""

    @property
    def layers(self) -> int:
        """The number of layers."""
        return len(self.output_projections)

    @classmethod
    def of(
        cls, model: PreTrainedModel, *, architecture: Architecture | None = None, validate: bool = True
    ) -> ModelLayout:
        """Find the modules of ``model`` and check them.

        :param architecture: the module names of a family that :data:`ARCHITECTURES` does not know.
        :param validate: run three tokens through the model and see every projection called once, in order, with the
            expected shape. Without it the modules are only looked up.
        :raises HormesisError: unknown family, missing modules, compiled model, or a forward that contradicts the
            layout.
        """
        _refuse_compiled(model)
        config = text_config(model.config)
        architecture = architecture or _known(model.config.model_type)
        layers, heads = _count(config, "num_hidden_layers"), _count(config, "num_attention_heads")
        names = [_projection(model, architecture, layer) for layer in range(layers)]
        decoder = _submodule(model, architecture.decoder, architecture)
        projections = tuple(_submodule(model, name, architecture) for name in names)
        widths = {input_width(projection) for projection in projections}
        width = widths.pop() if len(widths) == 1 else None
        if width is None or width % heads:
            raise HormesisError(
                f"the projections {architecture.projection} of this {config.model_type} model do not all take"
                f" {heads} heads of one width",
                "name the modules whose input is the heads side by side, in an Architecture of your own",
            )
        layout = cls(model, architecture, decoder, projections, heads, width // heads)
        if validate:
            layout._validate(model)
        return layout

    @property
    def width(self) -> int:
        """Features of the residual stream."""
        return _count(text_config(self.model.config), "hidden_size")

    def blocks(self) -> tuple[nn.Module, ...]:
        """The layers, whose outputs are the residual stream, first layer first.

        :raises HormesisError: the architecture does not name them.
        """
        if self.architecture.block is None:
            raise HormesisError(
                f"the architecture of this {self.architecture.model_type} model does not name its layers",
                'give it: Architecture(…, block="model.layers.{layer}"), with the name that print(model) shows',
            )
        names = [self.architecture.block.format(layer=layer) for layer in range(self.layers)]
        return tuple(_submodule(self.model, name, self.architecture) for name in names)

    def writers(self) -> dict[str, nn.Module]:
        """Name → module of all that is added to the residual stream, in the order of :attr:`Architecture.writers`.

        :raises HormesisError: the architecture does not name them.
        """
        names = dict.fromkeys(
            name.format(layer=layer) for name in self._writer_patterns() for layer in range(self.layers)
        )
        return {name: _submodule(self.model, name, self.architecture) for name in names}

    @property
    def shape(self) -> str:
        """Family, layers and heads, for people."""
        return (
            f"{self.architecture.model_type}: {self.layers} layers × {self.heads} heads × {self.head_width} features,"
            f" residual stream of {self.width}"
        )

    def last_writer(self, layer: int) -> str:
        """The name of what writes last to the residual stream in one layer: its feed-forward part.

        :raises HormesisError: as :meth:`writers`.
        """
        return self._writer_patterns()[-1].format(layer=layer)

    def _writer_patterns(self) -> tuple[str, ...]:
        if not self.architecture.writers:
            raise HormesisError(
                f"the architecture of this {self.architecture.model_type} model does not name what writes to its"
                " residual stream",
                "give it: Architecture(…, writers=(…)) with the embedding, attention and feed-forward outputs",
            )
        return self.architecture.writers

    def _validate(self, model: PreTrainedModel) -> None:
        seen: list[tuple[int, tuple[int, ...]]] = []

        def watch(layer: int, projection: nn.Module) -> torch.utils.hooks.RemovableHandle:
            def note(_module: nn.Module, arguments: tuple[torch.Tensor, ...]) -> None:
                seen.append((layer, tuple(arguments[0].shape)))

            return projection.register_forward_pre_hook(note)

        handles = [watch(layer, projection) for layer, projection in enumerate(self.output_projections)]
        tokens = torch.zeros((1, 3), dtype=torch.long, device=input_device(model))
        try:
            with torch.no_grad(), evaluating(model):
                self.decoder(input_ids=tokens, use_cache=False)
        finally:
            for handle in handles:
                handle.remove()
        expected = [(layer, (1, 3, self.heads * self.head_width)) for layer in range(self.layers)]
        if seen != expected:
            raise HormesisError(
                f"a forward pass of this {model.config.model_type} model contradicts its layout: calls of"
                f" {self.architecture.projection} as (layer, input shape) were {seen}, expected {expected}",
                "give an Architecture that names the attention output projections, each called once a pass",
            )


def _count(config: PreTrainedConfig, name: str) -> int:
    found = getattr(config, name, None)
    if not isinstance(found, int):
        raise HormesisError(
            f"the config of this {config.model_type} model has {name} = {found!r}, not one number",
            f"set model.config.{name}; models whose layers differ in their heads are not supported",
        )
    return found


def _known(model_type: str) -> Architecture:
    if model_type not in ARCHITECTURES:
        raise HormesisError(
            f"the attention heads of a {model_type!r} model are not known (known: {', '.join(sorted(ARCHITECTURES))})",
            f'name its modules: --architecture FILE, or architecture=Architecture("{model_type}", decoder="model",'
            ' projection="model.layers.{layer}.self_attn.o_proj"), with the names that print(model) shows',
        )
    return ARCHITECTURES[model_type]


def _projection(model: nn.Module, architecture: Architecture, layer: int) -> str:
    """The name of a layer's output projection: that of its attention, or of what it has in its place."""
    name, other = architecture.projection.format(layer=layer), architecture.without_attention
    if other is None:
        return name
    try:
        model.get_submodule(name)
    except AttributeError:
        return other.format(layer=layer)
    return name


def _submodule(model: nn.Module, name: str, architecture: Architecture) -> nn.Module:
    module = model
    _refuse_compiled(module)
    for step in name.split("."):
        found = module._modules.get(step)
        if found is None:
            raise HormesisError(
                f"this {type(model).__name__} has no module {name!r}, which architecture"
                f" {architecture.model_type!r} expects",
                "load the whole model (AutoModelForCausalLM), adapters merged, or name its modules in an Architecture",
            )
        module = found
        _refuse_compiled(module)
    return module


def _refuse_compiled(module: nn.Module) -> None:
    # torch.compile sets no guard on hooks: one that comes later is never called, and nothing would say so.
    if module._compiled_call_impl is not None or "_orig_mod" in module._modules:
        raise HormesisError(
            f"this {type(module).__name__} is compiled, and compiled code does not see hooks set later",
            "use the model as it was before torch.compile",
        )
