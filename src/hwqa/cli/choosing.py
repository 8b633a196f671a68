"""Commands that choose: compare, select."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from hwqa.cli.options import AsJson, Corpus, IndexPlace
from hwqa.cli.program import app
from hwqa.cli.session import load_settings, open_assistant, print_json
from hwqa.cli.showing import show_citations
from hwqa.errors import QuestionError

if TYPE_CHECKING:
    from hwqa.comparison.like_for_like import Comparison


@app.command(epilog="Examples: hwqa compare MI300X 'H200 SXM'; hwqa compare --json H100 H200 | jq '.rows[].difference'")
def compare(
    products: Annotated[list[str], typer.Argument(help="Two or more products, by any of their names.")],
    corpus: Corpus = None,
    index: IndexPlace = None,
    as_json: AsJson = False,
) -> None:
    """Put products side by side, like for like, each figure with its source; then what speaks for and against each."""
    comparison = open_assistant(load_settings(corpus=corpus, index=index)).compare(products)
    if as_json:
        print_json(comparison.to_json())
        return
    typer.echo(_compared(comparison))
    show_citations(comparison.citations)


@app.command(
    epilog="Example: hwqa select 'at least 100 GB, under 400 W, FP8, runs vLLM, can be bought, cheapest first'"
)
def select(
    constraints: Annotated[str, typer.Argument(help="What the hardware must be, in words, and what orders it.")],
    corpus: Corpus = None,
    index: IndexPlace = None,
    as_json: AsJson = False,
) -> None:
    """Choose products by what they must be: who meets it, why the others do not, and what would change the choice."""
    if not constraints.strip():
        raise QuestionError(
            "the constraints are empty: say, for example, 'at least 48 GB, under 300 W, cheapest first'"
        )
    chosen = open_assistant(load_settings(corpus=corpus, index=index)).select(constraints)
    if as_json:
        print_json(chosen.to_json())
        return
    text = chosen.to_text()
    typer.echo(text)
    show_citations([citation for citation in chosen.citations if f"[{citation.number}]" in text])


def _compared(comparison: Comparison) -> str:
    """The comparison as Markdown."""
    header = ["Attribute", *comparison.products, "Difference"]
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    for row in comparison.rows:
        cells = [
            "; ".join(f"{fact.value} [{comparison.marks[fact.id]}]" for fact in facts) or "not in the documents"
            for facts in row.cells
        ]
        difference = row.difference
        if difference is None:
            ratio = "" if row.comparable else "not comparable"
        else:
            ratio = "equal" if difference.ratio == 1 else f"{difference.more}: {difference.ratio} ×"
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in (row.label, *cells, ratio)) + " |")
    for product, arguments in comparison.arguments.items():
        for side in ("for", "against"):
            said = [each for each in arguments if each.side == side]
            if said:
                lines += ["", f"{side.capitalize()} the {product}:", ""]
                lines += [f"- {each.text} [{each.citation}]" for each in said]
    return "\n".join(lines)
