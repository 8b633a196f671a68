"""A sizing as a chart: the memory that is needed beside that of the devices, and the loads under the roofline."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import log10
from typing import TYPE_CHECKING, Any

from hwqa.charts.look import GREY, colour, dressed, plain
from hwqa.sizing.values import GB

if TYPE_CHECKING:
    import plotly.graph_objects as go

_MOST_DEVICES = 5
_BAR = 30
_ROOFLINE = 380
"""Pixels of height of the roofline."""
_BETWEEN = 128
"""Pixels between both parts, for axis, legend and heading."""
_SYMBOLS = {
    "decode of one request": "circle",
    "throughput": "diamond",
    "throughput of a full memory": "square",
    "prefill": "triangle-up",
}
_CALLED = {"throughput": "decode of all sequences", "throughput of a full memory": "decode with a full memory"}
_FALLBACK = "circle"


def sizing_chart(calculation: Mapping[str, Any]) -> go.Figure | None:
    """Memory needed and given, and where there are speeds the roofline of one of each device with its loads.

    Args:
        calculation: As `Calculation.to_json` gives it and as `Answer.calculation` holds it.

    Returns:
        None where the calculation has no total to draw.
    """
    from plotly.subplots import make_subplots

    total = _step(calculation["steps"], "weights and cache")
    weights = _step(calculation["steps"], "weights")
    if total is None or weights is None:
        return None
    devices = calculation["devices"][:_MOST_DEVICES]
    roofed = [device for device in devices if device["roofline"] is not None]
    bars = 1 + len(devices)
    height = bars * _BAR + 20
    inner = height + (_ROOFLINE + _BETWEEN if roofed else 0)
    titles = ["<b>Memory</b>", "<b>Roofline of one device</b>"] if roofed else ["<b>Memory</b>"]
    figure = make_subplots(
        rows=len(titles),
        cols=1,
        row_heights=[height / inner, _ROOFLINE / inner] if roofed else [1.0],
        vertical_spacing=_BETWEEN / inner if roofed else 0,
        subplot_titles=titles,
    )
    for annotation in figure.layout.annotations:
        annotation.update(x=0, xanchor="left", font={"size": 12.5})
    _memory(figure, calculation, devices, (weights["low"], total["low"]))
    if roofed:
        _roofs(figure, devices)
    figure.update_layout(
        barmode="stack",
        bargap=0.28,
        legend={"orientation": "h", "x": 0, "y": 1 - (height + 46) / inner, "yanchor": "top"},
        legend2={"x": 0.005, "y": _ROOFLINE / inner - 0.005, "yanchor": "top", "bgcolor": "rgba(0,0,0,0)"},
    )
    paths = [each["citation"]["path"] for each in calculation["inputs"] if each["citation"] is not None]
    return dressed(figure, _title(calculation), _subtitle(calculation, devices), paths, inner + 210)


def _title(calculation: Mapping[str, Any]) -> str:
    users = calculation["concurrency"]
    sequences = f"{users:,} sequences of " if users > 1 else ""
    context = f", {sequences}{calculation['context_tokens']:,} tokens" if calculation["context_tokens"] else ""
    return f"{calculation['model']} in {calculation['precision']}{context}"


def _subtitle(calculation: Mapping[str, Any], devices: Sequence[Mapping[str, Any]]) -> str:
    total = _step(calculation["steps"], "weights and cache")
    needed = total["text"] if total else ""
    held = "; ".join(f"{_counted(device)} {_stands(device)}" for device in devices[:2])
    return f"It needs {needed}" + (f"; {held}" if held and len(devices) < 3 else "")


def _stands(device: Mapping[str, Any]) -> str:
    if device["devices"] is None:
        return "cannot hold it"
    if device["least"] is not None and device["devices"] >= device["least"]:
        return "hold it" if device["devices"] > 1 else "holds it"
    nearly = device["least_full"] is not None and device["devices"] >= device["least_full"]
    return "would be filled to the last" if nearly else "not enough"


def _counted(device: Mapping[str, Any]) -> str:
    return f"{device['devices'] or 1} × {device['device']}"


def _memory(
    figure: go.Figure, calculation: Mapping[str, Any], devices: Sequence[Mapping[str, Any]], needs: tuple[float, float]
) -> None:
    """Draw weights and cache in one bar, then the memory of each device's number in one."""
    weights, total = (size / GB for size in needs)
    names = [f"{calculation['model']} needs", *map(_counted, devices)]
    parts = [("weights", weights, colour(0)), ("KV cache", total - weights, colour(1))]
    for name, size, ink in parts:
        if size > 0:
            _bar(figure, 0, size, name, ink, f"{name}: {size:,.1f} GB")
    longest = total
    for place, device in enumerate(devices, start=1):
        capacity, usable = _capacity(calculation, device)
        count = device["devices"] or 1
        whole, part = capacity * count / GB, usable * count / GB
        longest = max(longest, whole)
        _bar(
            figure, place, part, "may be filled", "rgba(128,128,128,0.75)", f"may be filled: {part:,.1f} GB", place == 1
        )
        left = f"left free by a server: {whole - part:,.1f} GB"
        _bar(figure, place, whole - part, "left free by a server", "rgba(128,128,128,0.3)", left, place == 1)
    figure.add_vline(x=total, line={"color": colour(1), "width": 1.5, "dash": "dash"}, row=1, col=1)
    figure.update_xaxes(title="GB (1,000,000,000 bytes)", range=[0, longest * 1.08], row=1, col=1)
    figure.update_yaxes(
        autorange="reversed",
        tickmode="array",
        tickvals=list(range(len(names))),
        ticktext=[*map(plain, names)],
        showgrid=False,
        zeroline=False,
        row=1,
        col=1,
    )


def _bar(figure: go.Figure, place: int, size: float, name: str, ink: str, told: str, shown: bool = True) -> None:
    import plotly.graph_objects as go

    bar = go.Bar(
        x=[size],
        y=[place],
        orientation="h",
        name=name,
        legendgroup=name,
        showlegend=shown,
        marker={"color": ink},
        hovertemplate=f"{plain(told)}<extra></extra>",
    )
    figure.add_trace(bar, row=1, col=1)


def _capacity(calculation: Mapping[str, Any], device: Mapping[str, Any]) -> tuple[float, float]:
    """Bytes of one device, and those of them that a server may fill."""
    memory = _step(device["steps"], "memory")
    if memory is None:
        return 0.0, 0.0
    inputs = [calculation["inputs"][number - 1] for number in memory["inputs"]]
    capacity = next((each["value"] for each in inputs if each["name"] == "memory capacity"), memory["low"])
    return float(capacity), float(memory["low"])


def _roofs(figure: go.Figure, devices: Sequence[Mapping[str, Any]]) -> None:
    """Draw what each device can do for an intensity, and what the loads reach of it."""
    import plotly.graph_objects as go

    rooflines = [(place, device, device["roofline"]) for place, device in enumerate(devices, 2) if device["roofline"]]
    points = [point for _, _, roof in rooflines for point in roof["points"]]
    ridges = [roof["peak"] / roof["bandwidth"] for _, _, roof in rooflines]
    least = min([*(point["operations_per_byte"] for point in points), *ridges]) / 3
    most = max([*(point["operations_per_byte"] for point in points), *ridges]) * 3
    for place, device, roof in rooflines:
        ridge = roof["peak"] / roof["bandwidth"]
        across = [least, ridge, most]
        figure.add_trace(
            go.Scatter(
                x=across,
                y=[min(roof["peak"], roof["bandwidth"] * each) / 1e12 for each in across],
                mode="lines",
                line={"color": colour(place), "width": 2},
                name=plain(f"{device['device']}, dense {roof['arithmetic']}"),
                legend="legend2",
                hoverinfo="skip",
            ),
            row=2,
            col=1,
        )
        for point in roof["points"]:
            figure.add_trace(_point(point, str(device["device"]), colour(place)), row=2, col=1)
    for name in dict.fromkeys(point["name"] for point in points):
        marker = {"symbol": _SYMBOLS.get(name, _FALLBACK), "size": 9, "color": GREY}
        called = _CALLED.get(name, name)
        key = go.Scatter(x=[None], y=[None], mode="markers", marker=marker, name=called, legend="legend2")
        figure.add_trace(key, row=2, col=1)
    figure.update_xaxes(type="log", title="operations for each byte read", dtick=1, row=2, col=1)
    highest = log10(max(roof["peak"] for _, _, roof in rooflines) / 1e12)
    lowest = log10(min(point["low"] for point in points) / 1e12)
    # the room above the roofs is that of their names
    named = 0.05 * (highest - lowest + 1) * (2 + len(rooflines))
    reach = [lowest - 0.2, highest + named]
    figure.update_yaxes(type="log", title="10<sup>12</sup> operations a second", dtick=1, range=reach, row=2, col=1)


def _point(point: Mapping[str, Any], device: str, ink: str) -> go.Scatter:
    import plotly.graph_objects as go

    low, high = point["low"] / 1e12, point["high"] / 1e12
    middle = (low * high) ** 0.5
    told = (
        f"{device}: {_CALLED.get(point['name'], point['name'])}, {point['operations_per_byte']:,.1f} operations a byte"
    )
    return go.Scatter(
        x=[point["operations_per_byte"]],
        y=[middle],
        mode="markers",
        marker={"symbol": _SYMBOLS.get(point["name"], _FALLBACK), "size": 10, "color": ink},
        error_y={
            "type": "data",
            "symmetric": False,
            "array": [high - middle],
            "arrayminus": [middle - low],
            "color": ink,
            "thickness": 1.5,
        },
        showlegend=False,
        hovertemplate=f"{plain(told)}<br>{low:,.3g} to {high:,.3g} × 10¹² operations a second<extra></extra>",
    )


def _step(steps: Sequence[Mapping[str, Any]], name: str) -> Mapping[str, Any] | None:
    return next(_named(steps, name), None)


def _named(steps: Sequence[Mapping[str, Any]], name: str) -> Iterator[Mapping[str, Any]]:
    return (step for step in steps if step["name"] == name)
