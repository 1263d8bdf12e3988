"""What a method is, and every method by name."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Generic, Literal, TypedDict, TypeVar, cast

from hormesis.config import OneOf, tag_of
from hormesis.detox.options import MethodOptions
from hormesis.errors import HormesisError
from hormesis.registry import Registry

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

    from hormesis.detox.evidence import Evidence
    from hormesis.detox.intervention import Intervention

Need = Literal["nothing", "labelled texts", "pairs"]
O = TypeVar("O", bound=MethodOptions)  # noqa: E741 (options)
M = TypeVar("M", bound="type[Method[Any]]")


class Method(ABC, Generic[O]):
    """One way to detoxify a trained model: everything that anyone has to know of it, in one class.

    Its file is imported to list it, so what it needs of PyTorch is imported where it is used.
    """

    label: ClassVar[str]
    """What figures and tables call it."""
    summary: ClassVar[str]
    """What it does, in a line."""
    source: ClassVar[str]
    """Where it comes from."""
    needs: ClassVar[Need]
    """What it is fitted on."""
    options: ClassVar[type[MethodOptions]]
    """What a study's YAML says of it; its field ``method`` is ``Literal["the method's name"]``."""
    settings: ClassVar[type[MethodOptions] | None] = None
    """What of these options fitting takes, where a study has to say more (such as a file of pairs); None: all."""
    made: ClassVar[str]
    """The class of intervention that it makes, which reads itself back: ``package.module:Class``."""
    strengths: ClassVar[tuple[float, ...]] = ()
    """Strengths to begin with, weak to strong; empty where strength has no meaning, so that one measurement says
    all."""
    largest: ClassVar[float | None] = None
    """No strength beyond it makes sense: 1 where all that can be taken away is taken away."""
    control_of: ClassVar[str | None] = None
    """The method that it is there to be compared with; None: it is no control."""
    of_options_alone: ClassVar[bool] = False
    """Whether it is made without a look at the model."""
    streams: ClassVar[int] = 1
    """Models that read each token."""
    passes: ClassVar[float] = 0.0
    """Texts read in training for each example of a batch."""
    version: ClassVar[int] = 1
    """Raised when it is made in another way: what a study measured with it is then measured anew."""

    @property
    def name(self) -> str:
        """As in measurements and in a study's YAML."""
        return tag_of(self.options, "method")

    @property
    def control(self) -> bool:
        """Whether it is there to be compared with: it claims nothing."""
        return self.control_of is not None

    @property
    def uses_strength(self) -> bool:
        """Whether its strength means anything."""
        return bool(self.strengths)

    @property
    def intervention(self) -> type[Intervention]:
        """The class that it makes."""
        return cast("type[Intervention]", resolve_name(self.made))

    @property
    def bakes(self) -> bool:
        """Whether it can be written into a checkpoint, where the architecture can carry it."""
        return hasattr(self.intervention, "bake")

    @property
    def choices(self) -> Mapping[str, FieldInfo]:
        """What may be said of it when it is fitted: its options, but for its name and the strengths of a study."""
        fields = (self.settings or self.options).model_fields
        return {name: field for name, field in fields.items() if name not in ("method", "strengths")}

    def check_strengths(self, strengths: Sequence[float]) -> None:
        """:raises HormesisError: one is beyond :attr:`largest`: there, what was taken away comes back reversed."""
        if self.largest is not None and any(strength > self.largest for strength in strengths):
            raise HormesisError(
                f"{self.name} takes all away at strength {self.largest:g}, and was asked for {max(strengths):g}",
                f"give strengths of at most {self.largest:g}",
            )

    def fit(self, known: Evidence | None = None, options: O | None = None) -> Intervention:
        """Make it for a model.

        :param known: what is known of the model; None only where :attr:`of_options_alone`.
        :param options: None: :meth:`defaults`.
        :raises HormesisError: what it needs is not among what is known.
        """
        if known is None and not self.of_options_alone:
            raise HormesisError(f"{self.name} is fitted on one model, and no evidence of it is given", "give evidence")
        made = self.make(cast("Evidence", known), options if options is not None else self.defaults(known))
        if getattr(made, "of_weights", False) and known is not None and known.learner is not None:
            from hormesis.models.mark import WeightsMark

            made.__dict__["_fitted_on"] = WeightsMark.of(known.learner.lm)
        return made

    @abstractmethod
    def make(self, known: Evidence, options: O) -> Intervention:
        """What a method writes: see :meth:`fit`."""

    def defaults(self, known: Evidence | None = None, **given: object) -> O:
        """Its options where nobody chose any.

        :param known: of the model, for options that follow its size.
        :param given: those that are chosen.
        :raises HormesisError: it has no option of such a name, or not of such a value.
        """
        kind = self.settings or self.options
        if unknown := sorted(set(given) - set(kind.model_fields)):
            listed = ", ".join(sorted(set(kind.model_fields) - {"method"})) or "none"
            raise HormesisError(f"{self.name} has no option {unknown[0]!r}", f"its options: {listed}")
        return cast(O, kind.model_validate({**self.proposed(known), **given, "method": self.name}))

    def proposed(self, known: Evidence | None) -> dict[str, object]:  # noqa: ARG002 (for those that look)
        """Defaults that follow from the model; the others are those of the options."""
        return {}


METHODS: Registry[Method[Any]] = Registry("method", "hormesis.detox.methods", "hormesis.methods")
"""Every method by name: the files of :mod:`hormesis.detox.methods`, plug-ins, and what a script added."""

AnyMethod = Annotated[MethodOptions, OneOf(METHODS, "method", lambda each: each.options)]
"""A field of a configuration: the options of whatever method it names."""


def method(cls: M) -> M:
    """Add a method, from a file of ours, a plug-in, a script or a notebook::

    class ShiftOptions(SteeredOptions):
        method: Literal["shift"]

    @method
    class Shift(Method[ShiftOptions]):
        options, label, summary, source = ShiftOptions, "shift", "moves every layer", "ours"
        needs, made, strengths = "labelled texts", "my_module:ShiftIntervention", (1.0, 2.0)

        def make(self, known: Evidence, options: ShiftOptions) -> Intervention: ...
    """
    one = cls()
    METHODS.register(one.name, one, source=cls)
    return cls


def is_fitted(options: MethodOptions | None) -> bool:
    """Whether a method is made from evidence of a model; None is the model as it is."""
    return options is not None and not METHODS[options.method].of_options_alone


class MethodColumns(TypedDict):
    """What measurement rows say of their method beside its name."""

    label: str | None
    control_of: str | None


def columns_of(name: str) -> MethodColumns:
    """What rows of a method carry, so that figures and tables need not know it."""
    if name not in METHODS:
        return {"label": None, "control_of": None}
    return {"label": METHODS[name].label, "control_of": METHODS[name].control_of}
