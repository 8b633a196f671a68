"""Commands that choose: compare, select."""

from __future__ import annotations

from typing import Annotated

import typer

from hwqa.cli.options import AsJson, Chart, Corpus, IndexPlace
from hwqa.cli.program import app
from hwqa.cli.session import load_settings, open_assistant, print_json, writes_chart
from hwqa.cli.showing import show_citations
from hwqa.errors import QuestionError
from hwqa.texts import comparison_text, shown_citations


@app.command(epilog="Examples: hwqa compare MI300X 'H200 SXM'; hwqa compare --json H100 H200 | jq '.rows[].difference'")
def compare(
    products: Annotated[list[str], typer.Argument(help="Two or more products, by any of their names.")],
    corpus: Corpus = None,
    index: IndexPlace = None,
    chart: Chart = None,
    as_json: AsJson = False,
) -> None:
    """Put products side by side, like for like, each figure with its source; then what speaks for and against each."""
    write = writes_chart(chart)
    comparison = open_assistant(load_settings(corpus=corpus, index=index)).compare(products)
    if write is not None:
        from hwqa.charts import comparison_chart

        write(comparison_chart(comparison))
    if as_json:
        print_json(comparison.to_json())
        return
    typer.echo(comparison_text(comparison))
    show_citations(comparison.citations)


@app.command(
    epilog="Example: hwqa select 'at least 100 GB, under 400 W, FP8, runs vLLM, can be bought, cheapest first'"
)
def select(
    constraints: Annotated[str, typer.Argument(help="What the hardware must be, in words, and what orders it.")],
    corpus: Corpus = None,
    index: IndexPlace = None,
    chart: Chart = None,
    as_json: AsJson = False,
) -> None:
    """Choose products by what they must be: who meets it, why the others do not, and what would change the choice."""
    if not constraints.strip():
        raise QuestionError(
            "the constraints are empty: say, for example, 'at least 48 GB, under 300 W, cheapest first'"
        )
    write = writes_chart(chart)
    assistant = open_assistant(load_settings(corpus=corpus, index=index))
    chosen = assistant.select(constraints)
    if write is not None:
        from hwqa.charts import selection_chart

        write(selection_chart(chosen.selection, assistant.index.facts(), assistant.reader.vocabulary.attributes))
    if as_json:
        print_json(chosen.to_json())
        return
    text = chosen.to_text()
    typer.echo(text)
    show_citations(shown_citations(chosen, text))
