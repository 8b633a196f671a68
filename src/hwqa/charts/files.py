"""Charts as files: a page that needs nothing else, a PNG or an SVG."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hwqa.charts.look import layout_of
from hwqa.errors import ChartError

if TYPE_CHECKING:
    import plotly.graph_objects as go

FORMATS = (".html", ".png", ".svg")
_SCALE = 2
"""Pixels of a PNG for each of the layout: sharp on dense screens."""
_SECONDS = 60

# The page follows the reader's light or dark setting, and a change of it.
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
  :root {{ color-scheme: light dark; }}
  body {{ margin: 1rem; background: #ffffff; }}
  @media (prefers-color-scheme: dark) {{ body {{ background: #14171c; }} }}
</style>
</head>
<body>
{chart}
</body>
</html>
"""
_FOLLOW = """
const looks = LOOKS;
const dark = window.matchMedia("(prefers-color-scheme: dark)");
const dress = () => Plotly.relayout("{plot_id}", looks[dark.matches ? "dark" : "light"]);
dark.addEventListener("change", dress);
dress();
"""


def chart_format(path: Path) -> str:
    """The format that a file's name asks for: `.html`, `.png` or `.svg`.

    Raises:
        ChartError: It is none of them.
    """
    ending = path.suffix.casefold()
    if ending not in FORMATS:
        raise ChartError(f"a chart cannot be written to {path.name!r}: end its name with .html, .png or .svg")
    return ending


def save_chart(figure: go.Figure | None, path: Path) -> None:
    """The chart stands in the file, whole: a page that follows light and dark, or a picture on white.

    Raises:
        ChartError: There is nothing to draw, the name asks for another format, no browser that draws pictures is
            installed, or the file cannot be written.
    """
    ending = chart_format(path)
    if figure is None:
        raise ChartError("there is nothing to draw: the result has no two figures that can stand side by side")
    content = _page(figure) if ending == ".html" else _picture(figure, ending[1:])
    try:
        path.write_bytes(content)
    except OSError as error:
        reason = error.strerror or error
        raise ChartError(f"the chart cannot be written to {path}: {reason}; name a folder that exists") from error


def _page(figure: go.Figure) -> bytes:
    looks = {ground: _plain_layout(ground) for ground in ("light", "dark")}
    # What stands in a script must not end it.
    written = json.dumps(looks).replace("<", "\\u003c")
    follow = _FOLLOW.replace("LOOKS", written)
    chart = figure.to_html(
        full_html=False,
        include_plotlyjs=True,
        include_mathjax=False,
        post_script=follow,
        config={"displaylogo": False, "responsive": True},
    )
    # A page that is read without its title is named by the chart's.
    title = (figure.layout.title.text or "").replace("<br>", " ")
    return _PAGE.format(title=title, chart=chart).encode()


def chart_json(figure: go.Figure) -> str:
    """The chart for a page that draws it itself: `data`, `layout` and the `looks` of light and dark, as JSON."""
    looks = {ground: _plain_layout(ground) for ground in ("light", "dark")}
    return json.dumps({**json.loads(figure.to_json()), "looks": looks})


def plotly_script() -> str:
    """Plotly's own script, which draws such a chart."""
    from plotly.offline import get_plotlyjs

    return str(get_plotlyjs())


def _plain_layout(ground: Any) -> dict[str, Any]:
    return {name: value.to_plotly_json() for name, value in layout_of(ground).items()}


def _picture(figure: go.Figure, format_: str) -> bytes:
    """The chart drawn by the Chrome or Chromium of this machine; nothing is fetched.

    Raises:
        ChartError: There is no browser, or it fails.
    """
    import kaleido
    import plotly.graph_objects as go
    from kaleido.errors import ChromeNotFoundError

    light = go.Figure(figure).update_layout(**layout_of("light"))
    try:
        content: bytes = kaleido.calc_fig_sync(
            light.to_dict(),
            opts={
                "format": format_,
                "width": light.layout.width,
                "height": light.layout.height,
                "scale": _SCALE if format_ == "png" else 1,
            },
            # no formulas are drawn: their script would be fetched from the network
            kopts={"mathjax": False, "timeout": _SECONDS},
        )
    except ChromeNotFoundError as error:
        raise ChartError(
            "a picture is drawn by Chrome or Chromium, and none was found: install one (BROWSER_PATH names it), or "
            "write the chart as .html"
        ) from error
    except (OSError, RuntimeError, TimeoutError) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise ChartError(f"the browser could not draw the chart ({reason}): write it as .html") from error
    return content
