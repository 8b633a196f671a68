"""The command that sizes: size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from hwqa.cli.options import AsJson, Corpus, IndexPlace
from hwqa.cli.program import app
from hwqa.cli.session import load_settings, open_assistant, print_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hwqa.sizing import Calculation, Precision, Step

_FITS = {"yes": "yes", "tight": "only on paper", "no": "no"}


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
    as_json: AsJson = False,
) -> None:
    """Say what a model needs, whether it fits a device, how many it takes and how fast they are at most."""
    from hwqa.errors import SizingError
    from hwqa.sizing import Request, Sizer, parameters, tokens

    if (model is None) == (model_params is None):
        raise typer.BadParameter("name a model with --model, or its size with --model-params, and not both")
    count = None if model_params is None else parameters(model_params)
    if model_params is not None and count is None:
        raise SizingError(f"{model_params!r} is no number of parameters: write, for example, 70B or 1.5 billion")
    request = Request(
        model=model or "",
        parameters=count,
        precision=_precision(precision or "fp16"),
        published=precision is None,
        kv_precision=_precision(kv_precision),
        context=_tokens(context, tokens(context)),
        output=None if output is None else _tokens(output, tokens(output)),
        concurrency=concurrency,
        devices=tuple(device or ()),
        count=devices,
        speed=speed,
        most_devices=limit,
    )
    assistant = open_assistant(load_settings(corpus=corpus, index=index))
    calculation = Sizer(assistant.index.facts(), assistant.reader.vocabulary).size(request)
    if as_json:
        print_json(calculation.to_json())
    else:
        _show(calculation)


def _precision(name: str) -> Precision:
    from hwqa.errors import SizingError
    from hwqa.sizing import PRECISIONS, find_precision

    found = find_precision(name)
    if found is None:
        from rapidfuzz import process

        nearest = ", ".join(match[0] for match in process.extract(name.casefold(), list(PRECISIONS), limit=3))
        raise SizingError(f"there is no number format {name!r}: the nearest are {nearest}")
    return found


def _tokens(text: str, number: int | None) -> int:
    from hwqa.errors import SizingError

    if number is None:
        raise SizingError(f"{text!r} is no number of tokens: write, for example, 8192 or 32k")
    return number


def _show(calculation: Calculation) -> None:
    """Print a calculation for a person: what the model needs, each device, then every input with its source."""
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False)
    numbers = {id(given): number for number, given in enumerate(calculation.inputs, 1)}
    by_content = {(given.name, given.of, given.text): numbers[id(given)] for given in calculation.inputs}
    users = f"{calculation.concurrency} sequences" if calculation.concurrency > 1 else "one sequence"
    console.print(
        f"{calculation.model}, weights in {calculation.precision}, KV cache in {calculation.kv_precision}, "
        f"{users} of {calculation.context:,} tokens",
        style="bold",
        markup=False,
        soft_wrap=True,
    )
    console.print(_steps_table(Table, calculation.steps, by_content))
    for placement in calculation.placements:
        counted = "" if placement.devices is None else f"; reckoned for {placement.devices}"
        fewest, full, even = (
            number or "no number" for number in (placement.least, placement.least_full, placement.least_tensor)
        )
        console.print(
            f"\n{placement.device}: fits one: {_FITS[placement.fits]}; fewest by capacity: {fewest} ({full} if all "
            f"memory is filled), with heads divided evenly: {even}{counted}",
            style="bold",
            markup=False,
            soft_wrap=True,
        )
        console.print(_steps_table(Table, placement.steps, by_content))
        for warning in placement.warnings:
            console.print(f"Note: {warning}", markup=False, style="italic", soft_wrap=True)
    if not calculation.placements:
        console.print("\nNo device of the documents holds it.", style="bold")
    console.print("\nInputs", style="bold")
    for number, given in enumerate(calculation.inputs, 1):
        of = f" of {given.of}" if given.of else ""
        source = f"{given.fact.path}:{given.fact.lines[0]}" if given.fact else ""
        origin = "; ".join(part for part in (source, given.assumption) if part)
        console.print(f"[{number}] {given.name}{of}: {given.text} ({origin})", markup=False, soft_wrap=True)
    for warning in calculation.warnings:
        console.print(f"Note: {warning}", markup=False, style="italic", soft_wrap=True)
    console.print(
        "Ranges are a bound times the shares of it that are reached; the bound is what the hardware cannot exceed.",
        markup=False,
        style="dim",
        soft_wrap=True,
    )


def _steps_table(table_class: Any, steps: Sequence[Step], numbers: dict[tuple[str, str, str], int]) -> Any:
    from rich.text import Text

    table = table_class(show_edge=False, pad_edge=False)
    for header in ("", "Result", "Formula", "With"):
        table.add_column(header, overflow="fold")
    for step in steps:
        marks = "".join(f"[{numbers[(given.name, given.of, given.text)]}]" for given in step.inputs)
        table.add_row(*map(Text, (step.name, step.text, step.formula, f"{step.numbers} {marks}".strip())))
    return table
