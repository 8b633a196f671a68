"""How charts look: colours that are told apart by everybody, and templates for light, dark and unknown grounds."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from textwrap import wrap
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import plotly.graph_objects as go

Ground = Literal["any", "light", "dark"]

COLOURS = ("#2f7fc1", "#d9730d", "#2f9461", "#b1559b", "#7a6fd0", "#9a8200", "#c4504f", "#3a93a3")
"""Of products in their order: at least 3 to 1 against white and against near-black."""
GREY = "#808080"
"""Of what was left out: seen on any ground, and behind the colours."""
WIDTH = 960
_FONT = "Inter, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif"
_NOTE_ROOM = 34
"""Pixels below the plot for the source note."""
_SOURCE_LETTERS = 100
_TITLE_LETTERS = 84
_TITLE_LINE = 22
"""Pixels of a further line of the title."""

# Text of the ground that is not known has 4.5 to 1 against white and 4.2 to 1 against near-black.
_INKS: dict[Ground, tuple[str, str, str]] = {
    "any": ("#777777", "rgba(128,128,128,0.25)", "rgba(0,0,0,0)"),
    "light": ("#24292f", "#e3e6ea", "#ffffff"),
    "dark": ("#e6e8eb", "#3a3f47", "#14171c"),
}


def template(ground: Ground) -> go.layout.Template:
    """The look of every chart on a ground; `any` has no ground of its own and is readable on both."""
    import plotly.graph_objects as go

    ink, grid, paper = _INKS[ground]
    axis = {
        "gridcolor": grid,
        "linecolor": grid,
        "zerolinecolor": grid,
        "automargin": True,
        "ticklabelstandoff": 5,
        "separatethousands": True,
        "exponentformat": "none",
        "title": {"font": {"size": 12}, "standoff": 6},
    }
    return go.layout.Template(
        layout={
            "font": {"family": _FONT, "size": 12, "color": ink},
            "title": {"font": {"size": 17}, "x": 0, "xref": "paper", "xanchor": "left", "y": 1, "yref": "container"},
            "paper_bgcolor": paper,
            "plot_bgcolor": "rgba(0,0,0,0)",
            "colorway": list(COLOURS),
            "xaxis": axis,
            "yaxis": axis,
            "hoverlabel": {"align": "left"},
        }
    )


def dressed(figure: go.Figure, title: str, subtitle: str, paths: Iterable[str], height: int) -> go.Figure:
    """The figure with its title, what must be known to read it, and its sources below."""
    lines = wrap(title, _TITLE_LETTERS, max_lines=2, placeholder=" …")
    further = _TITLE_LINE * (len(lines) - 1)
    figure.update_layout(
        template=template("any"),
        title={
            "text": "<br>".join(map(plain, lines)),
            "subtitle": {"text": plain(subtitle), "font": {"size": 12}},
            "yanchor": "top",
            "pad": {"t": 14},
        },
        width=WIDTH,
        height=height + further,
        margin={"l": 20, "r": 30, "t": 96 + further, "b": 62 + _NOTE_ROOM},
    )
    figure.add_annotation(
        text=plain(source_note(paths)),
        xref="paper",
        yref="paper",
        x=0,
        y=0,
        yshift=-(62 + _NOTE_ROOM - 12),
        xanchor="left",
        yanchor="bottom",
        showarrow=False,
        align="left",
        font={"size": 11},
    )
    return figure


def source_note(paths: Iterable[str]) -> str:
    """Which documents the figures stand in."""
    named = list(dict.fromkeys(paths))
    if not named:
        return "Source: none in the documents; the figures are those that were asked for"
    fitting = [named[0]]
    for path in named[1:]:
        if len(", ".join([*fitting, path])) > _SOURCE_LETTERS:
            break
        fitting.append(path)
    more = f" and {len(named) - len(fitting)} more" if len(named) > len(fitting) else ""
    return f"Source: {', '.join(fitting)}{more}"


def plain(text: str) -> str:
    """The text as plotly shows it: what looks like a tag is no tag."""
    return escape(text, quote=False)


def colour(place: int) -> str:
    """The colour of the product at a place, from 0."""
    return COLOURS[place % len(COLOURS)]


def layout_of(ground: Ground) -> dict[str, Any]:
    """What has to be changed in the layout of a chart to stand on a ground."""
    return {"template": template(ground)}
