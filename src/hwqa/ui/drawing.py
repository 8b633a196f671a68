"""The chart of an answer, which the page draws when it is asked for."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hwqa.schema import Answer

SCRIPT = "plotly.js"
"""Name of plotly's script among what the pages load."""


def render_drawing(answer: Answer, place: int) -> str:
    """The button that shows the chart of an answer, and where it is shown; nothing where there is nothing to draw.

    Args:
        answer: With a table or a calculation, or without.
        place: Position of the answer in its conversation, from 0.
    """
    if not (answer.table or answer.calculation):
        return ""
    return (
        f'<div class="hw-chart-tools"><button type="button" class="hw-quiet-button" data-chart="{place}" '
        'aria-expanded="false">Show as a chart</button>'
        '<button type="button" class="hw-quiet-button" data-png hidden>Download PNG</button>'
        '<span role="status"></span></div><div class="hw-chart" tabindex="0" hidden></div>'
    )


def chart_data(answer: Answer | None, place: int) -> str:
    """What the page draws the chart of an answer from; it says so where no figures can stand side by side."""
    from hwqa.charts import answer_chart  # noqa: PLC0415 - plotly takes 200 ms to load
    from hwqa.charts.files import chart_json  # noqa: PLC0415 - likewise

    figure = None if answer is None else answer_chart(answer)
    content = "" if figure is None else chart_json(figure)
    return f'<div hidden data-chart-of="{place}" data-figure="{escape(content)}"></div>'
