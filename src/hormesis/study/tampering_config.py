"""What a user writes about tampering: which methods, on how many texts, for how many steps."""

from __future__ import annotations

from pydantic import Field

from hormesis.attacks import TamperingConfig, TamperingKind
from hormesis.detox import MethodOptions
from hormesis.study.section import Section


class TamperingSection(Section):
    """Fine-tune each detoxified model on the corpus' own training rows, clean (benign) or toxic (adversarial)."""

    kinds: tuple[TamperingKind, ...] = Field(default=("benign", "adversarial"), min_length=1)
    texts: int = Field(default=1000, ge=1, description="training rows of each kind")
    training: TamperingConfig = TamperingConfig()
    methods: tuple[str, ...] | None = Field(default=None, description="beside the unsteered model; null: all")
    strengths: dict[str, float] = Field(
        default_factory=dict, description="by method; default: the middle one of the method's strengths"
    )

    def concerns(self, method: MethodOptions | None) -> bool:
        """Whether a method (None: the unsteered model, which every curve is compared with) is tampered with."""
        return method is None or self.methods is None or method.method in self.methods

    def strength_of(self, method: MethodOptions | None) -> float:
        """The one strength at which a method is tampered with; 0 where it has none."""
        if method is None:
            return 0.0
        own = method.measured_strengths
        return self.strengths.get(method.method, own[len(own) // 2])

    def check(self, methods: tuple[MethodOptions, ...]) -> None:
        """:raises ValueError: a method is named that the study does not have."""
        known = {method.method for method in methods}
        unknown = sorted({*(self.methods or ()), *self.strengths} - known)
        if unknown:
            raise ValueError(f"`tampering` names {', '.join(unknown)}, which `methods` does not list")
