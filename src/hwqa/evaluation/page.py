"""A report as one HTML page."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from jinja2 import Environment, StrictUndefined

from hwqa.evaluation.fact_measures import asserts, gives
from hwqa.evaluation.measures import MEASURES
from hwqa.schema import TRAIL_SEPARATOR

if TYPE_CHECKING:
    from hwqa.evaluation.report import Report


def render(report: Report) -> str:
    """The page: everything that it shows is in it, and every text of documents, models and questions is escaped."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(files("hwqa.evaluation").joinpath("page.html.jinja").read_text(encoding="utf-8"))
    return template.render(
        report=report,
        measures=MEASURES,
        separator=TRAIL_SEPARATOR,
        gives=gives,
        asserts=asserts,
    )
