"""Names are safe. A field whose classes are a registry's: what is registered later is read, named and written like the
others."""

from __future__ import annotations

from typing import Annotated, Literal

import pytest
from pydantic import ValidationError

from hormesis.config import Config, Named, OneOf, tag_of
from hormesis.registry import Registry


class Shape(Config):
    shape: str


class Square(Shape):
    shape: Literal["square"]
    side: int = 1


class Circle(Shape):
    shape: Literal["circle"]
    radius: float = 1.0


class Star(Shape):
    shape: Literal["star"] = "star"
    points: int


SHAPES: Registry[type[Shape]] = Registry("shape", "hormesis.corpus.readers")
SHAPES.register("square", Square)
SHAPES.register("circle", Circle)


def itself(shape: type[Shape]) -> type[Shape]:
    return shape


class Drawing(Config):
    shapes: tuple[Annotated[Shape, OneOf(SHAPES, "shape", itself)], ...]
    frame: Annotated[Shape, OneOf(SHAPES, "shape", itself)] | None = None


def test_values_are_read_and_written_as_their_classes() -> None:
    drawing = Drawing.model_validate({"shapes": [{"shape": "square", "side": 3}, {"shape": "circle"}]})
    assert drawing.shapes == (Square(shape="square", side=3), Circle(shape="circle"))
    assert drawing.model_dump(mode="json", exclude_defaults=True) == {
        "shapes": [{"shape": "square", "side": 3}, {"shape": "circle"}]
    }
    assert Drawing.model_validate(drawing.model_dump()) == Drawing.model_validate(drawing) == drawing
    assert Drawing(shapes=drawing.shapes).shapes == drawing.shapes


def test_errors_stand_where_they_are() -> None:
    values = {"shapes": [{"shape": "square", "size": 3}, {"shape": "cirle"}, {"side": 1}], "frame": {"shape": "square"}}
    with pytest.raises(ValidationError) as caught:
        Drawing.model_validate(values)
    extra, unknown, absent = caught.value.errors()
    assert (extra["type"], extra["loc"]) == ("extra_forbidden", ("shapes", 0, "square", "size"))
    assert unknown["loc"] == ("shapes", 1) and "did you mean circle?" in unknown["msg"]
    assert (absent["type"], absent["loc"]) == ("union_tag_not_found", ("shapes", 2))


def test_what_is_registered_later_is_known() -> None:
    with pytest.raises(ValidationError, match="there is no shape 'star'"):
        Drawing.model_validate({"shapes": [{"shape": "star", "points": 5}]})
    assert "Star" not in Drawing.model_json_schema()["$defs"]
    SHAPES.register("star", Star)
    assert Drawing.model_validate({"shapes": [{"shape": "star", "points": 5}]}).shapes == (Star(points=5),)
    assert {"Square", "Circle", "Star"} <= set(Drawing.model_json_schema()["$defs"])


def test_a_class_is_named_by_its_key() -> None:
    assert tag_of(Star, "shape") == "star"
    with pytest.raises(TypeError, match="Shape needs a field `shape: Literal"):
        tag_of(Shape, "shape")


class Shelf(Config):
    books: Named[int]


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "../evil", "/tmp/x", "a/b", "a\\b", "x → y", ".hidden", " a", "a ", "a.", "a\nb", "-a", "a" * 81],
)
def test_a_name_stays_in_its_folder_and_in_its_column(name: str) -> None:
    with pytest.raises(ValidationError, match="becomes part of paths and columns"):
        Shelf(books={name: 1})


def test_names_that_files_cannot_tell_apart_are_refused() -> None:
    assert set(Shelf(books={"rtp": 1, "wiki-2_b c.d": 2, "_": 3}).books) == {"rtp", "wiki-2_b c.d", "_"}
    for one, other in (("News", "news"), ("a b", "a-b"), ("a_b", "a.b")):
        with pytest.raises(ValidationError, match="too much alike"):
            Shelf(books={one: 1, other: 2})
