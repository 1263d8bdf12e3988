"""Things with names, to which others may add: methods, scorers, recipes, readers, text metrics.

A registry knows three doors. Every module of one package is imported when the registry is first looked at, and adds
what it defines (:meth:`Registry.register`): a built-in is one file, and no list names it. An installed distribution
adds its own by an entry point of the group. A script or notebook calls :meth:`Registry.register` itself.

What comes by the second and third door has a :meth:`~Registry.version`, which enters the name of every cell that used
it: a plug-in that changed is not mistaken for the one before.
"""

from __future__ import annotations

import difflib
import hashlib
import importlib
import inspect
import logging
import pkgutil
from collections.abc import Iterator, Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import Generic, TypeVar

from hormesis.errors import HormesisError

_log = logging.getLogger(__name__)
T = TypeVar("T")


class UnknownNameError(HormesisError, KeyError):
    """A name that a registry does not hold; the fix names the nearest one."""

    __str__ = HormesisError.__str__  # not KeyError's, which shows the message as a quoted literal


class Registry(Mapping[str, T], Generic[T]):
    """Values by name, in the order of their names.

    :param noun: what is registered, in messages: ``method``.
    :param package: the package whose modules register the built-in ones.
    :param group: the entry-point group of plug-ins; None: there is none.
    """

    def __init__(self, noun: str, package: str, group: str | None = None) -> None:
        self.noun, self.package, self.group = noun, package, group
        self._values: dict[str, T] = {}
        self._versions: dict[str, str] = {}
        self._broken: dict[str, tuple[str, str]] = {}
        """By the name of an entry point: its distribution, and why it could not be loaded."""
        self._opened = self._package_opened = False

    def register(self, name: str, value: T, *, source: object = None) -> None:
        """Add ``value``, in the place of an older one of the same name and origin.

        :param source: what the version of something that is not built in is hashed from (a class or function); by
            default ``value``.
        :raises HormesisError: the name is taken by something from elsewhere.
        """
        version = self._version_of(value if source is None else source)
        if version:
            self._open_package()  # the built-in ones come first, so that none of their names is taken
        if name in self._values and self._versions.get(name, "").split("@")[0] != version.split("@")[0]:
            raise HormesisError(
                f"there is a {self.noun} {name!r} already", f"give yours another name than {', '.join(self)}"
            )
        self._values[name] = value
        if version:
            self._versions[name] = version

    def version(self, name: str) -> str | None:
        """``DISTRIBUTION@VERSION`` of a plug-in, ``script@HASH`` of what a script registered; None for a built-in."""
        self._open()
        return self._versions.get(name)

    def plugin(self, name: str) -> dict[str, str]:
        """``{"NOUN NAME": version}`` of what is not built in, as a cell's inputs hold it; else empty."""
        version = self.version(name)
        return {f"{self.noun} {name}": version} if version else {}

    def fault_of(self, distribution: str) -> str | None:
        """Why an installed distribution could not be loaded; None: it could, or it is not installed."""
        self._open()
        return next((why for name, why in self._broken.values() if name == distribution), None)

    def __getitem__(self, name: str) -> T:
        self._open()
        if name in self._values:
            return self._values[name]
        raise self._unknown(name)

    def __contains__(self, name: object) -> bool:
        self._open()
        return name in self._values

    def __iter__(self) -> Iterator[str]:
        self._open()
        return iter(sorted(self._values))

    def __len__(self) -> int:
        self._open()
        return len(self._values)

    def _unknown(self, name: str) -> UnknownNameError:
        if name in self._broken:
            return UnknownNameError(
                f"the {self.noun} {name!r} is of a plug-in that cannot be loaded: {self._broken[name][1]}",
                "mend or reinstall that package",
            )
        near = difflib.get_close_matches(name.lower(), self._values, n=1)
        hint = f"did you mean {near[0]}? " if near else ""
        door = f"; a plug-in's is there once its package is installed (entry point {self.group})" if self.group else ""
        return UnknownNameError(f"there is no {self.noun} {name!r}", f"{hint}choose one of: {', '.join(self)}{door}")

    def _open(self) -> None:
        if self._opened:
            return
        self._opened = True  # before the imports: a module may look its own registry up
        self._open_package()
        for entry in entry_points(group=self.group) if self.group else ():
            self._load(entry)

    def _open_package(self) -> None:
        if self._package_opened:
            return
        self._package_opened = True
        package = importlib.import_module(self.package)
        for module in pkgutil.iter_modules(package.__path__, f"{self.package}."):
            importlib.import_module(module.name)

    def _load(self, entry: EntryPoint) -> None:
        try:
            entry.load()  # its module registers what it defines
        except Exception as error:  # a stranger's fault must not take the built-in ones away
            why = f"{type(error).__name__}: {error}"
            self._broken[entry.name] = (entry.dist.name if entry.dist is not None else "", why)
            _log.warning("the plug-in %s (%s) cannot be loaded: %s", entry.name, entry.value, why)

    def _version_of(self, source: object) -> str:
        """Empty for what is ours."""
        module = getattr(source, "__module__", type(source).__module__)
        if module.startswith("hormesis."):
            return ""
        for entry in entry_points(group=self.group) if self.group else ():
            if entry.module.split(".")[0] == module.split(".")[0] and entry.dist is not None:
                return f"{entry.dist.name}@{entry.dist.version}"
        try:
            text = inspect.getsource(source)  # type: ignore[arg-type]
        except (OSError, TypeError):
            text = repr(source)
        return f"script@{hashlib.sha256(text.encode()).hexdigest()[:12]}"
