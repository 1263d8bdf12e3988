"""Which source files decide what a kind of cell computes, and what is recorded of them.

``python -m tests.study.kind_sources`` records them anew. Do so after a change that leaves every result as it was; after
one that does not, raise ``version`` in the kind's inputs first.
"""

from __future__ import annotations

import ast
import hashlib
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import hormesis
from hormesis.study.engine.kind import KINDS

RECORDED = Path(__file__).with_name("kind_digests.json")
_ROOT = Path(hormesis.__file__).parent
_CELLS = "hormesis.study.cells"
_NOT_RESULTS = ("cli", "errors", "notebook_figure", "report", "reprs", "study.engine", "study.plan", "study.results")
"""What draws, says, plans and runs cells. What decides a cell's inputs is in its name already."""
_NAMED = re.compile(r"hormesis(\.\w+)+(:\w+)?")


def recorded() -> dict[str, dict[str, str]]:
    """By kind: the digest of each source file, when last recorded."""
    read: dict[str, dict[str, str]] = json.loads(RECORDED.read_text())
    return read


def present() -> dict[str, dict[str, str]]:
    """The same of the code as it is."""
    files = {name: sorted(sources(type(KINDS[name]).__module__)) for name in KINDS}
    return {name: {module: digest(_path(module)) for module in modules} for name, modules in files.items()}


def sources(module: str) -> set[str]:
    """``module`` and all of hormesis that it imports, in functions and by names in strings, too."""
    found: set[str] = set()
    open_ends = [module]
    while open_ends:
        current = open_ends.pop()
        if current in found or current.startswith(tuple(f"hormesis.{name}" for name in _NOT_RESULTS)):
            continue
        found.add(current)
        if current == module or not current.startswith(f"{_CELLS}."):  # another kind's changes are told of that kind
            open_ends += _imported(current)
    return found


def digest(path: Path) -> str:
    """Of what a file does: neither its comments nor its docstrings, nor how Python's version writes its tree."""
    return hashlib.sha256(repr(_shape(ast.parse(path.read_text()))).encode()).hexdigest()[:12]


def _shape(node: object) -> object:
    if isinstance(node, list):
        return [_shape(each) for each in node if not _is_text_alone(each)]
    if not isinstance(node, ast.AST):
        return node
    fields = ((name, value) for name, value in ast.iter_fields(node) if value not in (None, []))
    return type(node).__name__, [(name, _shape(value)) for name, value in fields]


def _is_text_alone(node: object) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _imported(module: str) -> Iterator[str]:
    tree = ast.parse(_path(module).read_text())
    for node in _run(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if _exists(alias.name))
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "hormesis":
            yield from (_defining(str(node.module), alias.name) for alias in node.names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and _NAMED.fullmatch(node.value):
            named = node.value.split(":")[0]
            if _exists(named):
                yield named
                if _path(named).name == "__init__.py":  # the package of a registry: all that is built in
                    yield from (f"{named}.{path.stem}" for path in _path(named).parent.glob("[!_]*.py"))


def _run(node: ast.AST) -> Iterator[ast.AST]:
    """All nodes but those for type checkers alone."""
    if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
        return
    yield node
    for child in ast.iter_child_nodes(node):
        yield from _run(child)


def _defining(package: str, name: str) -> str:
    """The module that ``from package import name`` reads, through faces that import lazily."""
    if _exists(f"{package}.{name}"):
        return f"{package}.{name}"
    stub = _path(package).with_suffix(".pyi")
    inside = _face(stub).get(name) if stub.is_file() else None
    return _defining(f"{package}.{inside}", name) if inside else package


@cache
def _face(stub: Path) -> dict[str, str]:
    nodes = ast.parse(stub.read_text()).body
    froms = [node for node in nodes if isinstance(node, ast.ImportFrom) and node.level == 1 and node.module]
    return {alias.name: str(node.module) for node in froms for alias in node.names}


def _path(module: str) -> Path:
    inside = _ROOT.joinpath(*module.split(".")[1:])
    return inside / "__init__.py" if inside.is_dir() else inside.with_suffix(".py")


def _exists(module: str) -> bool:
    return module.split(".")[0] == "hormesis" and _path(module).is_file()


if __name__ == "__main__":
    RECORDED.write_text(json.dumps(present(), indent=1) + "\n")
