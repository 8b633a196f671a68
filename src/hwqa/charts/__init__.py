"""Charts of what was compared, chosen and sized, as plotly figures and as files.

Every number that a chart writes out is one of its result: the cell of a document or a step of a calculation. The
functions take results and give figures; `save_chart` alone writes.
"""

from hwqa.charts.bars import answer_chart, comparison_chart
from hwqa.charts.files import FORMATS, chart_format, save_chart
from hwqa.charts.plane import selection_chart
from hwqa.charts.sizes import sizing_chart

__all__ = [
    "FORMATS",
    "answer_chart",
    "chart_format",
    "comparison_chart",
    "save_chart",
    "selection_chart",
    "sizing_chart",
]
