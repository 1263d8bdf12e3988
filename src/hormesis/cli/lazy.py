"""Commands that are imported when they are run or their help is asked for, not before.

A command is a function whose first parameter is a :class:`~hormesis.cli.screen.Screen`; the others are what a user
types (:mod:`typer`'s annotations). Every command takes ``--json``, ``--quiet`` and ``--verbose`` besides, here: no
command can lack them. What a room's pydantic class already says of an option (:func:`fields_as_options`) is not
written again: :func:`derived` adds such options to a command, once it is entered.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, ClassVar, Optional

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from hormesis.cli.screen import Screen

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic.fields import FieldInfo
    from typer._click import Command, Context, HelpFormatter
    from typer._click.shell_completion import CompletionItem

JsonOption = Annotated[bool, typer.Option("--json", help="the result as JSON on standard output, and nothing else")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="no tables and no progress; errors stay")]
VerboseOption = Annotated[bool, typer.Option("--verbose", "-v", help="show what the libraries log")]


@dataclass(frozen=True)
class Later:
    """Where a command, or a group of them, is written.

    :param place: ``module:name`` of a function, or of a :class:`typer.Typer`.
    :param panel: the heading that it stands under in the help of its group.
    :param hidden: an older spelling, which works and is not shown.
    """

    place: str
    panel: str | None = None
    hidden: bool = False

    def imported(self) -> Callable[..., None] | typer.Typer:
        """The function or group."""
        module, _, name = self.place.partition(":")
        found: Callable[..., None] | typer.Typer = getattr(import_module(module), name)
        return found

    def summary(self) -> str:
        """What its group's help says of it."""
        found = self.imported()
        return str(found.info.help) if isinstance(found, typer.Typer) else inspect.getdoc(found) or ""

    def command(self, name: str) -> Command:
        """The command as click has it, with all its options."""
        found = self.imported()
        if not isinstance(found, typer.Typer):
            alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
            alone.command(name)(_with_screen(found))
            found = alone
        command = get_command(found)
        command.name = name
        return command


Options = Callable[[], Iterable[inspect.Parameter]]


def derived(options: Options) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Options that take the place of a command's ``**keywords``; ``options`` is called when the command is entered."""

    def mark(function: Callable[..., None]) -> Callable[..., None]:
        function.derived = options  # type: ignore[attr-defined]
        return function

    return mark


def fields_as_options(config: type[BaseModel], panel: str | None = None) -> Iterator[inspect.Parameter]:
    """An option for each field of a pydantic class."""
    for name, field in config.model_fields.items():
        yield field_as_option(name, field, field.get_default(call_default_factory=True), panel)


def field_as_option(
    name: str, field: FieldInfo, default: object, panel: str | None = None, *, note: str = ""
) -> inspect.Parameter:
    """What a field of a pydantic class says: its type, bounds and description.

    :param note: added to the description.
    """
    bounds = {
        what: getattr(each, bound)
        for each in field.metadata
        for what, bound in (("min", "ge"), ("max", "le"))
        if hasattr(each, bound)
    }
    option = typer.Option(help=f"{field.description or ''}{note}", rich_help_panel=panel, **bounds)
    kind = field.annotation if default is not None else Optional[field.annotation]  # noqa: UP045 — a value
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[kind, option])


def _with_screen(function: Callable[..., None]) -> Callable[..., None]:
    """``function`` with a context in the place of its screen, and the options that all commands have."""
    signature = inspect.signature(function, eval_str=True)

    def run(context: typer.Context, as_json: bool, quiet: bool, verbose: bool, **typed: object) -> None:
        screen = context.ensure_object(Screen)
        screen.choose(as_json=as_json, quiet=quiet, verbose=verbose)
        try:
            function(screen, **typed)
        except ValueError as error:
            if (mistake := _mistyped(error, typed)) is None:
                raise
            raise mistake from error

    kind = inspect.Parameter.KEYWORD_ONLY
    option = partial(inspect.Parameter, kind=kind, default=False)
    more: Options = getattr(function, "derived", tuple)
    own = [each for each in signature.parameters.values() if each.kind is not inspect.Parameter.VAR_KEYWORD][1:]
    parameters = [
        inspect.Parameter("context", kind, annotation=typer.Context),
        *(each.replace(kind=kind) for each in [*own, *more()]),
        option("as_json", annotation=JsonOption),
        option("quiet", annotation=QuietOption),
        option("verbose", annotation=VerboseOption),
    ]
    run.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {each.name: each.annotation for each in parameters}
    run.__doc__ = function.__doc__
    return run


def _mistyped(error: ValueError, typed: Mapping[str, object]) -> typer.BadParameter | None:
    """What a room's pydantic class finds wrong with typed values is an error of usage; None where it is no such."""
    if not (type(error).__module__ or "").startswith("pydantic"):
        return None
    found = error.errors()  # type: ignore[attr-defined]
    first = found[0]
    field, value = str(first["loc"][-1]) if first["loc"] else "", first["input"]
    names = [field] if field in typed else [name for name, each in typed.items() if each is value or each == value]
    if not names:  # what several of them mean together, or what a --option in braces holds
        said = (f"{'.'.join(map(str, each['loc']))}: {each['msg']}".removeprefix(": ") for each in found)
        return typer.BadParameter("; ".join(each.replace("Value error, ", "") for each in said))
    return typer.BadParameter(f"{value}: {first['msg']}", param_hint="--" + names[0].replace("_", "-"))


class _LaterCommand(TyperCommand):
    """The name of a command; the command itself once it is entered."""

    def __init__(self, name: str, later: Later) -> None:
        super().__init__(name, hidden=later.hidden, rich_help_panel=later.panel)
        self._later = later

    def describe(self) -> None:
        """Read the summary, for a list of commands."""
        self.help = self._later.summary()

    def make_context(
        self, info_name: str | None, args: list[str], parent: Context | None = None, **extra: object
    ) -> Context:
        """That of the real command, which the parser then goes on with."""
        return self._later.command(self.name or "").make_context(info_name, args, parent, **extra)


class LazyGroup(TyperGroup):
    """A group of commands that are known by name and place."""

    later: ClassVar[Mapping[str, Later]] = {}

    @classmethod
    def of(cls, commands: Mapping[str, Later]) -> type[LazyGroup]:
        """A class for :class:`typer.Typer`'s ``cls``."""
        return type("Group", (cls,), {"later": commands})

    def __init__(self, **options: object) -> None:
        super().__init__(**options)  # type: ignore[arg-type]
        self.commands.update((name, _LaterCommand(name, later)) for name, later in self.later.items())

    def _describe(self) -> None:
        for command in self.commands.values():
            if isinstance(command, _LaterCommand) and not command.hidden:
                command.describe()

    def format_help(self, ctx: Context, formatter: HelpFormatter) -> None:
        """The list of commands is the one thing that needs all their summaries."""
        self._describe()
        super().format_help(ctx, formatter)

    def shell_complete(self, ctx: Context, incomplete: str) -> list[CompletionItem]:
        """Completion shows summaries, too."""
        self._describe()
        return super().shell_complete(ctx, incomplete)
