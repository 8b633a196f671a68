"""The command that sizes: size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from hwqa.cli.options import AsJson, Chart, Corpus, IndexPlace
from hwqa.cli.program import app
from hwqa.cli.session import load_settings, open_assistant, print_json, writes_chart
from hwqa.texts import calculation_title, input_lines, placement_titles, step_marks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hwqa.sizing import Calculation, Step


@app.command(
    epilog="Examples: hwqa size --model-params 70B --precision fp8 --context 32k; "
    "hwqa size --model 'Llama 3.1 70B' --precision fp8 --context 8k --concurrency 32 --device H200 --device MI300X"
)
def size(
    corpus: Corpus = None,
    index: IndexPlace = None,
    model: Annotated[str | None, typer.Option(help="A model that the documents describe.")] = None,
    model_params: Annotated[
        str | None, typer.Option(help="Number of parameters instead, as in 70B; the model is then taken to be dense.")
    ] = None,
    precision: Annotated[
        str | None,
        typer.Option(
            help="Format of the weights: bf16, fp8, int4, nvfp4, q4_k_m, …", show_default="as published, else fp16"
        ),
    ] = None,
    kv_precision: Annotated[str, typer.Option(help="Format of the KV cache.")] = "fp16",
    context: Annotated[str, typer.Option(help="Tokens of a sequence, prompt and answer: 8192 or 32k.")] = "8k",
    output: Annotated[
        str | None, typer.Option(help="Tokens of the answer among them; throughput then includes reading the prompts.")
    ] = None,
    concurrency: Annotated[int, typer.Option(min=1, help="Sequences at once.")] = 1,
    device: Annotated[
        list[str] | None,
        typer.Option(help="A device of the documents; repeatable. Without: those that need the fewest."),
    ] = None,
    devices: Annotated[int | None, typer.Option(min=1, max=1024, help="Number of devices; else the fewest.")] = None,
    speed: Annotated[
        float | None, typer.Option(min=0.001, help="Tokens a second that each user of a full server must see.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=100, help="Devices to show where none is named.")] = 5,
    chart: Chart = None,
    as_json: AsJson = False,
) -> None:
    """Say what a model needs, whether it fits a device, how many it takes and how fast they are at most."""
    from hwqa.sizing import Sizer, requested

    if (model is None) == (model_params is None):
        raise typer.BadParameter("name a model with --model, or its size with --model-params, and not both")
    request = requested(
        model=model,
        model_params=model_params,
        precision=precision,
        kv_precision=kv_precision,
        context=context,
        output=output,
        concurrency=concurrency,
        devices=device or (),
        device_count=devices,
        speed=speed,
        limit=limit,
    )
    write = writes_chart(chart)
    assistant = open_assistant(load_settings(corpus=corpus, index=index))
    calculation = Sizer(assistant.index.facts(), assistant.reader.vocabulary).size(request)
    if write is not None:
        from hwqa.charts import sizing_chart

        write(sizing_chart(calculation.to_json()))
    if as_json:
        print_json(calculation.to_json())
    else:
        _show(calculation)


def _show(calculation: Calculation) -> None:
    """Print a calculation for a person: what the model needs, each device, then every input with its source."""
    from rich.console import Console

    console = Console(highlight=False)
    console.print(calculation_title(calculation), style="bold", markup=False, soft_wrap=True)
    console.print(_steps_table(calculation, calculation.steps))
    for title, placement in zip(placement_titles(calculation), calculation.placements, strict=True):
        console.print(f"\n{title}", style="bold", markup=False, soft_wrap=True)
        console.print(_steps_table(calculation, placement.steps))
        for warning in placement.warnings:
            console.print(f"Note: {warning}", markup=False, style="italic", soft_wrap=True)
    if not calculation.placements:
        console.print("\nNo device of the documents holds it.", style="bold")
    console.print("\nInputs", style="bold")
    for line in input_lines(calculation):
        console.print(line, markup=False, soft_wrap=True)
    for warning in calculation.warnings:
        console.print(f"Note: {warning}", markup=False, style="italic", soft_wrap=True)
    console.print(
        "Ranges are a bound times the shares of it that are reached; the bound is what the hardware cannot exceed.",
        markup=False,
        style="dim",
        soft_wrap=True,
    )


def _steps_table(calculation: Calculation, steps: Sequence[Step]) -> Any:
    from rich.table import Table
    from rich.text import Text

    table = Table(show_edge=False, pad_edge=False)
    for header in ("", "Result", "Formula", "With"):
        table.add_column(header, overflow="fold")
    for step in steps:
        marks = step_marks(calculation, step)
        table.add_row(*map(Text, (step.name, step.text, step.formula, f"{step.numbers} {marks}".strip())))
    return table
