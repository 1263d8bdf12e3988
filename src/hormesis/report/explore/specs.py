"""The figures, as Vega-Lite: the same for the page and for paper.

A specification names its data (``points``, ``lines``, …), which are put in where it is drawn, and its colours, which
depend on what it is drawn on: every text ``@name`` is a colour of :class:`Theme`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hormesis.files import Json

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
"""A name; nothing is fetched."""
MOST_LINES = 8
"""Lines that are drawn in colour; the others are grey, and named at hover and in the table."""
SHAPES = ("circle", "square", "triangle-up", "diamond", "triangle-down", "cross", "triangle-right", "triangle-left")
_RAMP = ("0d0887", "41049d", "6a00a8", "8f0da4", "b12a90", "cc4778", "e16462", "f2844b", "fca636", "fcce25", "f0f921")
"""matplotlib's plasma: even steps of lightness, so that order survives greyscale and colour blindness."""


@dataclass(frozen=True)
class Theme:
    """Colours on one ground.

    :param span: the part of the ramp with a contrast of at least three to one there.
    """

    ink: str
    soft: str
    faint: str
    page: str
    span: tuple[float, float]

    def shares(self, count: int) -> list[str]:
        """A colour a share, ascending."""
        low, high = self.span
        return [_colour(low + (high - low) * place / max(1, count - 1)) for place in range(count)]

    def words(self, count: int) -> dict[str, Json]:
        """What ``@name`` is."""
        return {
            "@ink": self.ink,
            "@soft": self.soft,
            "@faint": self.faint,
            "@page": self.page,
            "@shares": self.shares(count),
            "@ranks": self.shares(MOST_LINES),
            "@sequence": [_colour(self.span[1] + (self.span[0] - self.span[1]) * place / 8) for place in range(9)],
        }


LIGHT = Theme("#1c1c1e", "#5f6368", "#d9dade", "#ffffff", (0.0, 0.62))
DARK = Theme("#ececea", "#a9acb1", "#3d3f44", "#17181a", (0.44, 1.0))


def _colour(place: float) -> str:
    at = min(place * (len(_RAMP) - 1), len(_RAMP) - 1.000001)
    low, high = _RAMP[int(at)], _RAMP[int(at) + 1]
    part = at - int(at)
    mixed = (round(int(low[i : i + 2], 16) * (1 - part) + int(high[i : i + 2], 16) * part) for i in (0, 2, 4))
    return "#" + "".join(f"{each:02x}" for each in mixed)


def themed(spec: Mapping[str, Any], theme: Theme, count: int, frame: Mapping[str, Json]) -> dict[str, Any]:
    """``spec`` in the colours of a ground.

    :param count: how many shares there are.
    :param frame: what other texts ``@name`` are, such as the span of an axis.
    """
    text = json.dumps(spec)
    for word, value in (theme.words(count) | dict(frame)).items():
        text = text.replace(json.dumps(word), json.dumps(value))
    found: dict[str, Any] = json.loads(text)
    return found


def specs(shares: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Every figure by name.

    :param shares: their labels, ascending.
    """
    colour = {
        "field": "share",
        "type": "nominal",
        "legend": None,
        "scale": {"domain": list(shares), "range": "@shares"},
    }
    shape = {
        "field": "share",
        "type": "nominal",
        "legend": None,
        "scale": {"domain": list(shares), "range": [SHAPES[place % len(SHAPES)] for place in range(len(shares))]},
    }
    return {
        "tradeoff": _tradeoff(colour, shape),
        "dose": _dose(colour, shape),
        "heads": _heads(),
        "geometry": _lines(
            colour,
            "layer",
            "layer",
            "value",
            {"condition": {"test": "datum.of === 'toxicity'", "value": [1, 0]}, "value": [5, 3]},
        ),
        "training": _lines(colour, "step", "training step", "loss, nats a token", None, detail=["seed"]),
        "tampering": _ranked(),
    }


def _figure(*layers: dict[str, Any]) -> dict[str, Any]:
    axis = {
        "labelColor": "@soft",
        "titleColor": "@soft",
        "gridColor": "@faint",
        "domainColor": "@faint",
        "tickColor": "@faint",
        "titleFontWeight": "normal",
        "gridOpacity": 0.7,
        "labelFontSize": 11,
        "titleFontSize": 12,
    }
    return {
        "$schema": SCHEMA,
        "width": "container",
        "height": "container",
        "autosize": {"type": "fit", "contains": "padding"},
        "background": None,
        "config": {"font": "system-ui, sans-serif", "view": {"stroke": None}, "axis": axis, "aria": False},
        "layer": list(layers),
    }


def _layer(data: str, mark: Mapping[str, Any], **encoding: Any) -> dict[str, Any]:
    return {"data": {"name": data}, "mark": dict(mark), "encoding": encoding}


def _x(field: str, title: str, **more: Any) -> dict[str, Any]:
    scale = {"zero": False, "nice": False} | more.pop("scale", {})
    axis = {"title": title, "tickCount": 6, "grid": False} | more
    return {"field": field, "type": "quantitative", "scale": scale, "axis": axis}


def _y(field: str, title: str) -> dict[str, Any]:
    axis = {"title": title, "tickCount": 5}
    return {"field": field, "type": "quantitative", "scale": {"zero": False, "nice": True}, "axis": axis}


TIP = {"field": "tip", "type": "nominal"}
"""What is said at hover; made where the rows are."""


def _tradeoff(colour: Any, shape: Any) -> dict[str, Any]:
    x, y = _x("cost", "@costtitle", scale={"domain": "@span"}), _y("value", "mean toxicity")
    y["scale"] = {"domain": "@range", "nice": True}
    place = {"x": x, "y": y}
    dot = {"type": "point", "filled": True, "clip": True}
    return _figure(
        _layer(
            "others", dot | {"color": "@soft", "size": 20, "opacity": 0.45, "shape": "circle"}, **place, tooltip=TIP
        ),
        _layer("chosen", {"type": "rule", "color": "@ink", "strokeDash": [3, 3], "clip": True}, x=x),
        _layer(
            "lines", {"type": "line", "strokeWidth": 2, "clip": True}, **place, color=colour, order={"field": "cost"}
        ),
        _layer("points", dot | {"size": 30, "opacity": 0.8}, **place, color=colour, shape=shape, tooltip=TIP),
        _layer(
            "marks",
            dot | {"size": 130, "stroke": "@page", "strokeWidth": 1.5},
            **place,
            color=colour,
            shape=shape,
            tooltip=TIP,
        ),
        _layer(
            "labels",
            {"type": "text", "align": "left", "dx": 5, "fontSize": 11, "color": "@ink"},
            **place,
            text={"field": "share"},
        ),
    )


def _dose(colour: Any, shape: Any) -> dict[str, Any]:
    place = {"x": _x("x", "toxic share of the training tokens, %"), "y": _y("value", "mean toxicity")}
    place["x"]["scale"]["domain"] = "@across"
    place["y"]["scale"] = {"domain": "@range", "nice": True}  # of values: intervals of few seeds run off the picture
    bars = place["y"] | {"field": "low"}
    dot = {"type": "point", "filled": True}
    hollow = {"type": "point", "filled": False, "color": "@soft", "size": 45}
    dashed = {"type": "line", "color": "@soft", "strokeDash": [4, 3], "strokeWidth": 1.5}
    bar = {"type": "rule", "strokeWidth": 2.5, "clip": True}
    mean = dot | {"size": 150, "stroke": "@page", "strokeWidth": 1.5}
    return _figure(
        _layer("unsteered", dashed, **place),
        _layer("unsteered", hollow, **place, tooltip=TIP),
        _layer("others", dot | {"color": "@soft", "size": 30, "opacity": 0.5, "shape": "cross"}, **place, tooltip=TIP),
        _layer("marks", {"type": "line", "color": "@ink", "strokeWidth": 1.2}, **place),
        _layer("bars", bar, x=place["x"], y=bars, y2={"field": "high"}, color=colour),
        _layer("points", dot | {"size": 30, "opacity": 0.8}, **place, color=colour, shape=shape, tooltip=TIP),
        _layer("marks", mean, **place, color=colour, shape=shape, tooltip=TIP),
    )


def _heads() -> dict[str, Any]:
    axis = {"labelAngle": 0, "grid": False}
    place = {
        "x": {"field": "head", "type": "ordinal", "axis": axis | {"title": "head"}},
        "y": {"field": "layer", "type": "ordinal", "axis": axis | {"title": "layer"}},
    }
    legend = {
        "title": None,
        "labelColor": "@soft",
        "gradientLength": 120,
        "gradientThickness": 10,
        "orient": "bottom",
        "direction": "horizontal",
    }
    scale = {"range": "@sequence", "domain": "@span"}
    return _figure(
        _layer("rows", {"type": "rect", "stroke": "@page", "strokeWidth": 2}, **place, tooltip=TIP,
               color={"field": "value", "type": "quantitative", "scale": scale, "legend": legend}),
    )  # fmt: skip


def _lines(colour: Any, x: str, x_title: str, y_title: str, dash: Any, detail: Sequence[str] = ()) -> dict[str, Any]:
    place = {"x": _x(x, x_title, tickMinStep=1, format="d"), "y": _y("value", y_title)}
    more: dict[str, Any] = {"detail": [{"field": name} for name in detail]} if detail else {}
    more |= {} if dash is None else {"strokeDash": dash}
    found = [_layer("rows", {"type": "line", "strokeWidth": 1.8}, **place, color=colour, order={"field": x}, **more)]
    if dash is not None:
        found.append(_layer("rows", {"type": "point", "filled": True, "size": 36}, **place, color=colour, tooltip=TIP))
    else:
        found.append(_layer("rows", {"type": "point", "size": 60, "opacity": 0}, **place, tooltip=TIP))
    found.append(
        _layer(
            "labels",
            {"type": "text", "align": "left", "dx": 5, "fontSize": 11, "color": "@ink"},
            **place,
            text={"field": "share"},
        )
    )
    return _figure(*found)


def _ranked() -> dict[str, Any]:
    """Many series: the first are coloured by rank, the rest grey."""
    place = {"x": _x("step", "steps of fine-tuning"), "y": _y("value", "mean toxicity")}
    colour = {
        "field": "rank",
        "type": "ordinal",
        "legend": None,
        "scale": {"domain": list(range(MOST_LINES)), "range": "@ranks"},
    }
    return _figure(
        _layer("others", {"type": "line", "color": "@faint", "strokeWidth": 1.2}, **place, detail={"field": "series"}),
        _layer("others", {"type": "point", "filled": True, "color": "@faint", "size": 25}, **place, tooltip=TIP),
        _layer("rows", {"type": "line", "strokeWidth": 1.8}, **place, color=colour, detail={"field": "series"}),
        _layer("rows", {"type": "point", "filled": True, "size": 40}, **place, color=colour, tooltip=TIP),
        _layer(
            "labels",
            {"type": "text", "align": "left", "dx": 5, "fontSize": 10, "color": "@ink"},
            **place,
            text={"field": "series"},
        ),
    )
