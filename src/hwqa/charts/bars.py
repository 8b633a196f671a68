"""Bars for each attribute, with an axis and unit of its own: small multiples of a comparison or an answer's table."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hwqa.charts.look import GREY, colour, dressed, plain
from hwqa.charts.sizes import sizing_chart
from hwqa.comparison.like_for_like import UNRANKED_UNITS, Comparison
from hwqa.schema import Answer, Fact
from hwqa.selection.figures import quantity_of
from hwqa.units import conversion

if TYPE_CHECKING:
    import plotly.graph_objects as go

MOST_PANELS = 12
_BAR = 30
"""Pixels of height for a product in a panel."""
_PANEL = 78
"""Pixels of height for what else a panel has: its name, axis and the gap to the next."""
_LABEL_ROOM = 1.75
"""How much longer than its longest bar an axis is, so that the figure fits beside the bar."""
_LONGEST_TITLE = 46
_LONGEST_NAME = 28


@dataclass(frozen=True, slots=True)
class Bar:
    """A figure of a product."""

    product: str
    low: float
    high: float
    """Equal to `low` where the figure is no range."""
    unit: str
    text: str
    """As the documents write it."""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """The figures of one attribute."""

    title: str
    bars: tuple[Bar, ...]

    @property
    def unit(self) -> str:
        """The unit of the greatest figure, which the axis has."""
        first = self.bars[0]
        return max(self.bars, key=lambda bar: bar.high * float(conversion(bar.unit, first.unit) or 0)).unit

    def scaled(self, bar: Bar) -> tuple[float, float]:
        """Both ends of a bar in the panel's unit."""
        factor = float(conversion(bar.unit, self.unit) or 0)
        return bar.low * factor, bar.high * factor


def comparison_chart(comparison: Comparison) -> go.Figure | None:
    """Bars of the compared products, a panel for each attribute that several have figures for; None without any."""
    panels = []
    for row in comparison.rows:
        bars = [bar for cell in row.cells if (bar := _bar_of(cell))]
        if row.comparable and len(bars) > 1:
            panels.append(_alike(row.label, bars))
    facts = [fact for row in comparison.rows for cell in row.cells for fact in cell]
    return _drawn(panels, comparison.products, (fact.path for fact in facts))


def answer_chart(answer: Answer) -> go.Figure | None:
    """The chart of an answer: of its sizing, else of its table; None where it has neither with figures."""
    if answer.calculation is not None and answer.calculation.get("kind") == "sizing":
        return sizing_chart(answer.calculation)
    if answer.table is None:
        return None
    cited = {figure["citation"] for row in answer.table for cell in row["cells"] for figure in cell["figures"]}
    paths = [citation.path for citation in answer.citations if citation.number in cited]
    by_product: dict[str, list[Bar]] = {}
    products: dict[str, None] = {}
    for row in answer.table:
        for cell in row["cells"]:
            product, attribute = (cell["column"], row["label"])
            if row["kind"] == "product":
                product, attribute = attribute, product
            products.setdefault(product)
            figure = next((each for each in cell["figures"] if each["low"] is not None), None)
            if figure is not None and figure["unit"] not in UNRANKED_UNITS:
                bar = Bar(product, figure["low"], figure["high"], figure["unit"], figure["text"], figure["note"])
                by_product.setdefault(attribute, []).append(bar)
    panels = [_alike(attribute, bars) for attribute, bars in by_product.items() if len(bars) > 1]
    return _drawn(panels, tuple(products), paths, answer.standalone_question)


def ranking_chart(title: str, facts: Sequence[Fact]) -> go.Figure | None:
    """Bars of one attribute in the order that is given; None where fewer than two have a figure."""
    bars = [bar for fact in facts if (bar := _bar_of([fact]))]
    if len(bars) < 2:
        return None
    return _drawn([_alike(facts[0].attribute, bars)], [bar.product for bar in bars], (f.path for f in facts), title)


def _bar_of(facts: Sequence[Fact]) -> Bar | None:
    """The first of a cell's facts as a bar; None where it is no amount."""
    quantity = quantity_of(facts[0]) if facts else None
    if quantity is None or quantity.unit in UNRANKED_UNITS or quantity.kind == "date":
        return None
    fact = facts[0]
    return Bar(fact.product, float(quantity.low), float(quantity.high), quantity.unit, fact.value, fact.note)


def _alike(title: str, bars: Iterable[Bar]) -> Panel:
    """A panel of the bars whose unit that of the first can be converted to."""
    bars = list(bars)
    return Panel(title, tuple(bar for bar in bars if conversion(bar.unit, bars[0].unit) is not None))


def _drawn(panels: Sequence[Panel], products: Sequence[str], paths: Iterable[str], title: str = "") -> go.Figure | None:
    from plotly.subplots import make_subplots

    panels = [panel for panel in panels if len(panel.bars) > 1 and any(bar.high > 0 for bar in panel.bars)]
    left_out = len(panels) - MOST_PANELS
    panels = panels[:MOST_PANELS]
    if not panels:
        return None
    columns = 1 if len(panels) == 1 else 2
    rows = math.ceil(len(panels) / columns)
    inner = rows * (_BAR * len(products) + _PANEL)
    figure = make_subplots(
        rows=rows,
        cols=columns,
        shared_yaxes=True,
        horizontal_spacing=0.06,
        vertical_spacing=0 if rows == 1 else min(_PANEL / inner, 1 / (rows - 1)),
        subplot_titles=[f"<b>{plain(_cut(panel.title, _LONGEST_TITLE))}</b>" for panel in panels],
    )
    for place, panel in enumerate(panels):
        at = {"row": place // columns + 1, "col": place % columns + 1}
        _bars(figure, panel, products, at)
    names = [_cut(product, _LONGEST_NAME) for product in products]
    figure.update_yaxes(
        autorange="reversed", tickmode="array", tickvals=list(range(len(products))), ticktext=[*map(plain, names)]
    )
    figure.update_yaxes(showgrid=False, zeroline=False)
    # a panel's name stands over its bars' beginning
    for annotation in figure.layout.annotations:
        annotation.update(xanchor="left", font={"size": 12.5})
    for place, annotation in enumerate(figure.layout.annotations):
        axis = figure.layout[f"xaxis{place + 1 if place else ''}"]
        annotation.x = axis.domain[0]
    figure.update_layout(showlegend=False, bargap=0.28)
    axes = "The axis starts" if len(panels) == 1 else "Each panel has an axis of its own that starts"
    more = f"; {left_out} further rows are not drawn" if left_out > 0 else ""
    return dressed(
        figure,
        title or f"{_listed(products)} side by side",
        f"{axes} at zero; figures as the documents write them{more}",
        paths,
        inner + 190 - (_PANEL if rows == 1 else 0) + 40 * (rows == 1),
    )


def _bars(figure: go.Figure, panel: Panel, products: Sequence[str], at: Mapping[str, int]) -> None:
    """Draw a panel: a bar for each product, and a word for those without a figure."""
    import plotly.graph_objects as go

    given = {bar.product: bar for bar in panel.bars}
    longest = max(panel.scaled(bar)[1] for bar in panel.bars)
    for place, product in enumerate(products):
        bar = given.get(product)
        low, high = panel.scaled(bar) if bar else (0.0, 0.0)
        middle = (low + high) / 2
        told = f"{plain(product)}<br>{plain(bar.text)}" + (f"<br>{plain(bar.note)}" if bar.note else "") if bar else ""
        figure.add_trace(
            go.Bar(
                x=[middle],
                y=[place],
                orientation="h",
                marker={"color": colour(place)},
                text=[f" {plain(_cut(bar.text, _LONGEST_NAME))}" if bar else " not in the documents"],
                textposition="outside" if low == high else "none",
                textfont={} if bar else {"color": GREY},
                cliponaxis=False,
                hovertemplate=told + "<extra></extra>" if told else None,
                hoverinfo=None if told else "skip",
                error_x={
                    "type": "data",
                    "symmetric": False,
                    "array": [high - middle],
                    "arrayminus": [middle - low],
                    "visible": low != high,
                    "color": GREY,
                },
            ),
            **at,
        )
        if bar and low != high:  # the figure stands behind the end of the range
            figure.add_trace(
                go.Scatter(
                    x=[high],
                    y=[place],
                    mode="text",
                    text=[f" {plain(_cut(bar.text, _LONGEST_NAME))}"],
                    textposition="middle right",
                    hoverinfo="skip",
                    cliponaxis=False,
                ),
                **at,
            )
    unit = panel.unit or "count"
    figure.update_xaxes(title=plain(unit), range=[0, longest * _LABEL_ROOM], nticks=6, **at)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
