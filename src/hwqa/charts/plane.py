"""A choice as a plane: memory against bandwidth, those chosen in colour and those left out in grey."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log10
from typing import TYPE_CHECKING, Any

from hwqa.charts.bars import ranking_chart
from hwqa.charts.look import GREY, WIDTH, colour, dressed, plain
from hwqa.schema import Fact
from hwqa.selection.bounds import bound_text
from hwqa.selection.chosen import Considered, Selection
from hwqa.selection.figures import Condition
from hwqa.selection.telling import lower
from hwqa.sizing.terms import Roles, role_of
from hwqa.sizing.values import GB
from hwqa.units import conversion

if TYPE_CHECKING:
    import plotly.graph_objects as go

_HEIGHT = 620
_MOST_NAMED = 12
_MOST_BARS = 15
_LETTER = 7.2
"""Pixels of a letter of a label, about."""
_LINE = 15
_INSIDE = (WIDTH - 130, _HEIGHT - 210)
"""Pixels of the plane, about: labels are kept from lying over each other."""
_ROLES = {"memory capacity": "B", "memory bandwidth": "B/s"}
_ROOM = 0.25
"""How far the axes go beyond the outermost candidates, as a share of their length."""
_LEAST_ROOM = 0.35
"""The same as a power of ten: some twice the figure, so that what comes near is seen."""


@dataclass(frozen=True, slots=True)
class _Spot:
    """A product in the plane."""

    product: str
    memory: float
    """GB."""
    bandwidth: float
    """TB/s."""
    facts: tuple[Fact, Fact]
    told: str
    """What is said of it when it is pointed at."""


def selection_chart(
    selection: Selection,
    facts: Iterable[Fact],
    names: Mapping[str, tuple[str, ...]],
    need: Mapping[str, Any] | None = None,
) -> go.Figure | None:
    """Memory against bandwidth of the products that were considered, with bounds and a model's need as lines.

    Where the documents give both of fewer than two candidates, bars of what the choice is ranked by; None where it is
    ranked by nothing either.

    Args:
        selection: What was chosen.
        facts: Those of the documents.
        names: Attribute → all the words that the documents have for it.
        need: A calculation as `Calculation.to_json` gives it: what it needs becomes a line.
    """
    own: dict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        own[fact.product].append(fact)
    chosen = [spot for each in selection.candidates if (spot := _spot(each, own[each.product], names))]
    dropped = [spot for each in selection.dropped if (spot := _spot(each, own[each.product], names))]
    if not chosen or len(chosen) + len(dropped) < 2:
        ranked = [each.ranked for each in selection.candidates if each.ranked is not None]
        return ranking_chart(selection.requirements.text, ranked[:_MOST_BARS])
    lines = [line for bound in selection.requirements.bounds if (line := _line(bound, names))]
    if need is not None and (total := next((s for s in need["steps"] if s["name"] == "weights and cache"), None)):
        lines.append(("x", total["low"] / GB, f"{need['model']} in {need['precision']}: {total['text']}"))
    return _drawn(selection, chosen, dropped, lines)


def _spot(each: Considered, facts: Sequence[Fact], names: Mapping[str, tuple[str, ...]]) -> _Spot | None:
    roles = Roles(facts, names)
    found = [roles.best(role, unit) for role, unit in _ROLES.items()]
    if found[0] is None or found[1] is None or not (found[0][1] > 0 and found[1][1] > 0):
        return None
    (capacity, size), (bandwidth, rate) = found[0], found[1]
    why = "; ".join(f"{verdict.requirement}: {verdict.reason}" for verdict in each.failed)
    told = "<br>".join(
        plain(text) for text in (each.product, f"{capacity.value}, {bandwidth.value}", *([why] if why else []))
    )
    return _Spot(each.product, size / GB, rate / 1e12, (capacity, bandwidth), told)


def _line(bound: Condition, names: Mapping[str, tuple[str, ...]]) -> tuple[str, float, str] | None:
    """The axis that a bound stands on, where, and what it says; None where it is on neither."""
    role = role_of(bound.attribute, names.get(bound.attribute, ()))
    unit = _ROLES.get(role)
    factor = conversion(bound.quantity.unit, unit) if unit else None
    if factor is None:
        return None
    amount = float((bound.quantity.high if bound.is_upper else bound.quantity.low) * factor)
    return ("x", amount / GB, bound_text(bound)) if unit == "B" else ("y", amount / 1e12, bound_text(bound))


def _drawn(
    selection: Selection, chosen: Sequence[_Spot], dropped: Sequence[_Spot], lines: Sequence[tuple[str, float, str]]
) -> go.Figure:
    import plotly.graph_objects as go

    figure = go.Figure()
    across = _reach([spot.memory for spot in chosen] + [at for axis, at, _ in lines if axis == "x"])
    up = _reach([spot.bandwidth for spot in chosen] + [at for axis, at, _ in lines if axis == "y"])
    near = [spot for spot in dropped if _within(spot.memory, across) and _within(spot.bandwidth, up)]
    far, dropped = len(dropped) - len(near), near
    drawn = [("left out", dropped, GREY, 7, 0.45), ("meets the conditions", chosen, colour(0), 11, 0.95)]
    for name, own, ink, size, opacity in drawn:
        if own:
            figure.add_trace(
                go.Scatter(
                    x=[spot.memory for spot in own],
                    y=[spot.bandwidth for spot in own],
                    mode="markers",
                    marker={"color": ink, "size": size, "opacity": opacity},
                    name=f"{name} ({len(own)})",
                    hovertemplate=[f"{spot.told}<extra></extra>" for spot in own],
                )
            )
    first = [chosen[0].product] if chosen and selection.requirements.ranked else []
    for spot, (x, y), anchor in _labelled(chosen, dropped, across, up):
        figure.add_annotation(
            x=log10(spot.memory),
            y=log10(spot.bandwidth),
            text=f"<b>{plain(spot.product)}</b>" if spot.product in first else plain(spot.product),
            showarrow=False,
            xshift=x,
            yshift=y,
            xanchor=anchor,
            font={"size": 11},
        )
    for place, (axis, at, text) in enumerate(lines):
        line = {"color": colour(1), "width": 1.5, "dash": "dash"}
        note = {"text": plain(text), "font": {"color": colour(1), "size": 11}, "showarrow": False}
        if axis == "x":
            figure.add_vline(x=at, line=line)
            # of several lines each has its words at a height of its own
            beside = {"x": log10(at), "yref": "paper", "y": 0.01 + 0.04 * place, "xanchor": "left", "xshift": 4}
        else:
            figure.add_hline(y=at, line=line)
            beside = {"xref": "paper", "x": 0.995, "y": log10(at), "xanchor": "right", "yshift": 9}
        figure.add_annotation(**note, **beside, **({"yanchor": "bottom"} if axis == "x" else {}))
    figure.update_xaxes(type="log", title="memory capacity, GB", range=across, tickvals=_ticks(across))
    figure.update_yaxes(type="log", title="memory bandwidth, TB/s", range=up, tickvals=_ticks(up))
    figure.update_layout(legend={"orientation": "h", "x": 0, "y": 1.0, "yanchor": "bottom"})
    beyond = f"; {far} of those left out lie beyond the edges" if far else ""
    silent = len(selection.candidates) - len(chosen)
    gone = f"; {silent} candidates without both figures are not drawn" if silent else ""
    by = f"; the first by {lower(selection.requirements.ranked)} in bold" if first else ""
    paths = (fact.path for spot in (*chosen, *dropped) for fact in spot.facts)
    return dressed(figure, selection.requirements.text, f"Both axes are logarithmic{by}{beyond}{gone}", paths, _HEIGHT)


def _reach(values: Sequence[float]) -> list[float]:
    """Both ends of a logarithmic axis, as powers of ten, with room beyond the outermost values."""
    low, high = log10(min(values)), log10(max(values))
    room = max((high - low) * _ROOM, _LEAST_ROOM)
    return [low - room, high + room]


def _within(value: float, reach: Sequence[float]) -> bool:
    return reach[0] <= log10(value) <= reach[1]


def _ticks(reach: Sequence[float]) -> list[float]:
    """1, 2 and 5 times each power of ten within the ends; every digit where they are near."""
    powers = range(int(reach[0]) - 2, int(reach[1]) + 2)
    steps = (1, 2, 5) if reach[1] - reach[0] > 1 else (1, 1.5, 2, 3, 4, 5, 7)
    values = [step * 10.0**power for power in powers for step in steps]
    return [value for value in values if 10 ** reach[0] <= value <= 10 ** reach[1]]


def _labelled(
    chosen: Sequence[_Spot], dropped: Sequence[_Spot], across: Sequence[float], up: Sequence[float]
) -> list[tuple[_Spot, tuple[float, float], str]]:
    """The first candidates with the place of their names beside their spots, as far as the names find room."""

    def place(spot: _Spot) -> tuple[float, float]:
        x = (log10(spot.memory) - across[0]) / (across[1] - across[0]) * _INSIDE[0]
        return x, (log10(spot.bandwidth) - up[0]) / (up[1] - up[0]) * _INSIDE[1]

    spots = [place(spot) for spot in (*chosen, *dropped)]
    taken = [(x - 6, y - 6, x + 6, y + 6) for x, y in spots[: len(chosen)]]
    found: list[tuple[_Spot, tuple[float, float], str]] = []
    for spot in chosen[:_MOST_NAMED]:
        x, y = place(spot)
        width = _LETTER * len(spot.product)
        for (dx, dy), anchor, left in (
            ((9, 0), "left", x + 9),
            ((-9, 0), "right", x - 9 - width),
            ((0, 14), "center", x - width / 2),
            ((0, -14), "center", x - width / 2),
        ):
            box = (left, y + dy - _LINE / 2, left + width, y + dy + _LINE / 2)
            inside = box[0] >= 0 and box[2] <= _INSIDE[0]
            if inside and not any(_over(box, other) for other in taken if other[:2] != (x - 6, y - 6)):
                taken.append(box)
                found.append((spot, (dx, dy), anchor))
                break
    return found


def _over(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
