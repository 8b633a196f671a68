"""How a sizing was calculated: each step with its formula and figures, and each figure with where it comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

from hwqa.ui.addresses import line_address

_HEADER = ("", "Result", "Formula", "With")


def render_calculation(calculation: Mapping[str, Any]) -> str:
    """The calculation as HTML that opens on a click.

    Args:
        calculation: As `Answer.calculation` has it.
    """
    return "\n".join(_rendered(calculation))


def _rendered(calculation: Mapping[str, Any]) -> Iterator[str]:
    yield '<details class="hw-calculation"><summary>How this was calculated</summary>'
    heading = "Quotients" if calculation.get("kind") == "quotients" else "What the model needs"
    yield _table(heading, calculation["steps"])
    for device in calculation["devices"]:
        count = device["devices"]
        title = f"{count} × {device['device']}" if count and count > 1 else str(device["device"])
        yield _table(title, device["steps"])
    yield "<h3>Figures it starts from</h3><ol>"
    yield from map(_input, calculation["inputs"])
    yield "</ol></details>"


def _table(title: str, steps: Sequence[Mapping[str, Any]]) -> str:
    rows = "".join(
        f'<tr><th scope="row">{escape(str(step["name"]))}</th><td>{escape(str(step["text"]))}</td>'
        f"<td>{escape(str(step['formula']))}</td><td>{escape(str(step['numbers']))}</td></tr>"
        for step in steps
    )
    head = "".join(f'<th scope="col">{name}</th>' if name else "<td></td>" for name in _HEADER)
    return (
        f"<h3>{escape(title)}</h3>"
        f'<div class="hw-table" tabindex="0" role="region" aria-label="{escape(title)}"><table><thead><tr>{head}</tr>'
        f"</thead><tbody>{rows}</tbody></table></div>"
    )


def _input(given: Mapping[str, Any]) -> str:
    name = " of ".join(filter(None, (str(given["name"]), str(given.get("of") or ""))))
    text = f"{escape(name)}: {escape(str(given['text']))}"
    source = given.get("citation")
    if source:
        first, last = source["lines"]
        address = line_address(source["path"], (first, last))
        where = f"{source['path']}:{first}"
        text += f' <a href="{escape(address)}" target="_blank" rel="noopener">{escape(where)}</a>'
    elif given.get("assumption"):
        text += f' <span class="hw-note">({escape(str(given["assumption"]))})</span>'
    return f"<li>{text}</li>"
