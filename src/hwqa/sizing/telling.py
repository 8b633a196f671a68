"""A calculation → the sentences that answer a question with it, each with the facts that its figures rest on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from hwqa.schema import Fact
from hwqa.sizing.contexts import LONGEST
from hwqa.sizing.fitting import BEYOND, EXAMPLE, LARGEST
from hwqa.sizing.placing import PRICE
from hwqa.sizing.precision import precision_in
from hwqa.sizing.values import Calculation, Given, Placement, Step, bytes_text

_SPEED = re.compile(r"\b(tokens?(?: per |/| a )s|tok/s|speed|fast|ceiling|upper bound|decode)", re.I)
_WAIT = re.compile(r"\b(prefill|prompt|first token|ttft)\b", re.I)
_COST = re.compile(r"\b(costs?|price|cheap\w*|\$|dollars?)\b", re.I)
_TOKENS = re.compile(r"\btokens?\b", re.I)
_FITS = re.compile(
    r"\b(fits?|holds?|enough|go(?:es)? in(?:to)?|squeeze|load|get(?:s)? .{1,60} into|"
    r"run(?:s)?(?: .{1,60})? on|room|which)\b",
    re.I,
)
_OF_ONE = re.compile(r"\b(?:fits?|holds?|enough|go(?:es)? in(?:to)?|squeeze|into|one|single|a|an)\b", re.I)
_CACHE = re.compile(r"\bcache\b", re.I)
_WIDTHS = re.compile(r"\b(which|what|how many) (?:precisions?|bits?|quanti[sz]ation|formats?|widths?)\b", re.I)
_MANY = re.compile(r"\bhow many\b.{0,60}\b(requests?|users?|sequences?|sessions?|chats?)\b", re.I)
_HOW = re.compile(r"\W*(?:how|what is the|what's the|largest|longest|maximum|minimum)\b", re.I)
_CONTEXT = re.compile(
    r"\b(?:largest|longest|maximum|max|biggest|how (?:long|much|large|big)|how many tokens)\b.{0,30}\bcontext\b|"
    r"\bcontext\b.{0,30}\bcan\b",
    re.I,
)
_SMALLEST = re.compile(r"\b(?:smallest|least memory|minimum)\b", re.I)
FULL_COST = "cost of a million tokens, throughput of a full memory"
"""Name of the step."""
_MOST_NAMED = 6
"""Devices named in a sentence beside those of the table, where the question does not ask which they are."""
_WHICH = re.compile(r"\b(?:which|list|all|every)\b", re.I)
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence of a calculation."""

    text: str
    facts: tuple[Fact, ...] = ()
    """What its figures rest on; none where all of them were asked for."""
    is_item: bool = False
    """Whether it is an item of the list under the first sentences."""


def tell(calculation: Calculation, question: str) -> tuple[Told, ...]:
    """What the calculation says to the question: the answer first, then what it is made of."""
    return tuple(_told(calculation, question))


Cell = tuple[str, tuple[Fact, ...]]
"""The text of a table's cell, and what its figures rest on."""


def rows(calculation: Calculation) -> tuple[dict[str, Cell], ...]:
    """The devices of the calculation under the headers of a table, where there are several; none otherwise."""
    if len(calculation.placements) < 2:
        return ()
    priced = all(placement.price is not None for placement in calculation.placements)
    shown = calculation.placements[:_SHOWN]
    return tuple(_row(placement, priced=priced, by_cost=calculation.by_cost) for placement in shown)


def _row(placement: Placement, *, priced: bool, by_cost: bool = False) -> dict[str, Cell]:
    decode, given = placement.step("decode of one request"), _memory(placement)
    memory = (given.fact,) if given and given.fact else ()
    step = placement.step(FULL_COST) if by_cost else None
    hourly = placement.price_by_hour
    if step is not None and hourly is not None:
        return {
            "Device": (placement.device, ()),
            "Devices": (str(placement.devices), memory),
            "Price of one by the hour": (hourly.text, (hourly.fact,) if hourly.fact else ()),
            "Cost of a million tokens": (step.text.removesuffix(" for a million tokens"), _facts([step])),
        }
    price = placement.price
    cost: dict[str, Cell] = {}
    if priced and price:
        bought = (price.fact,) if price.fact else ()
        cost["Price of one"] = (price.text, bought)
        if (paid := placement.step(PRICE)) is not None:
            cost["Price in sum"] = (paid.text, bought)
    return {
        "Device": (placement.device, ()),
        **cost,
        "Devices needed": (_needed(placement, priced=priced), memory),
        "Memory of one": (_capacity(placement), memory),
        "Decode of one request": (decode.text, _facts([decode])) if decode else ("not known", ()),
    }


def _needed(placement: Placement, *, priced: bool) -> str:
    """How many devices it takes; where prices are added up, as many as can divide the heads evenly."""
    if placement.least is None:
        return "not known"
    if not priced or placement.devices in (None, placement.least):
        return str(placement.least)
    return f"{placement.devices} ({placement.least} by memory alone)"


def _told(calculation: Calculation, question: str) -> Iterator[Told]:
    if calculation.step(LARGEST) is not None:
        yield from _largest(calculation)
        return
    placement = calculation.placements[0] if len(calculation.placements) == 1 else None
    total = calculation.step("weights and cache")
    assert total is not None  # noqa: S101 - every sizing has it
    what = _what(calculation)
    needs = (*_facts(calculation.steps[:1]), *_cache_facts(calculation))
    widths = calculation.step("weights by width")
    if placement is None and widths is not None and _several_widths(question):
        yield Told(f"The weights of {_model(calculation)} take {widths.text}.", _facts([widths]))
    elif placement is None:
        yield Told(f"{_capital(what)} needs {total.text} for {_parts(calculation)}.", needs)
    else:
        yield from _placed(placement, what, total.text, needs, calculation, question)
    if calculation.by_cost:
        yield from _least_cost(calculation)
    elif len(calculation.placements) > 1 and calculation.cheapest:
        yield from _cheapest(calculation)
    elif len(calculation.placements) > 1 and _SMALLEST.search(question):
        yield from _smallest(calculation)
    elif len(calculation.placements) > 1:
        fewest = [each for each in calculation.placements if each.least == calculation.placements[0].least]
        if others := fewest[_SHOWN:]:
            named = others if _WHICH.search(question) else others[:_MOST_NAMED]
            further = " and others" if len(others) > len(named) else ""
            sizes = [given.fact for each in named if (given := _memory(each)) is not None and given.fact is not None]
            yield Told(
                "The table has those with the least memory that is enough; as few are enough of "
                f"{', '.join(each.device for each in named)}{further}.",
                tuple(dict.fromkeys(sizes)),
            )
    if placement is not None:
        yield from _on_device(placement, question)
    yield from _made_of(calculation, question)


def _cheapest(calculation: Calculation) -> Iterator[Told]:
    """Which of the devices that hold it costs least."""
    first = calculation.placements[0]
    given, memory = first.price, _memory(first)
    if given is None or given.fact is None or memory is None or memory.fact is None:
        return
    counted = f"{first.devices} × {first.device}" if first.devices != 1 else f"one {first.device}"
    yield Told(
        f"The cheapest that holds it is {counted}, with {memory.text}, at {given.text} each.", (given.fact, memory.fact)
    )
    alone = next((each for each in calculation.placements if each.devices == 1 and each.price is not None), None)
    if alone is not None and alone is not first and alone.price and alone.price.fact and (held := _memory(alone)):
        facts = tuple(fact for fact in (alone.price.fact, held.fact) if fact is not None)
        yield Told(f"On a single device it is one {alone.device}, with {held.text}, at {alone.price.text}.", facts)


def _least_cost(calculation: Calculation) -> Iterator[Told]:
    """On which of the devices with a price by the hour a million tokens cost least."""
    first = calculation.placements[0]
    cost = first.step(FULL_COST)
    if cost is None:
        return
    counted = f"{first.devices} × {first.device}" if first.devices != 1 else f"one {first.device}"
    lead = f"By the hourly prices of the documents, tokens cost least on {counted} with a memory full of requests"
    yield Told(f"{lead}: {cost.text} ({cost.numbers}).", _facts([cost]))


def _smallest(calculation: Calculation) -> Iterator[Told]:
    """Which of the devices that hold it has the least memory that is enough."""
    first = calculation.placements[0]
    memory = _memory(first)
    if memory is None or memory.fact is None:
        return
    counted = f"{first.least} × {first.device}" if (first.least or 1) > 1 else f"one {first.device}"
    yield Told(f"The smallest that holds it is {counted}, with {memory.text} of memory.", (memory.fact,))


def _asks(question: str) -> bool:
    """Whether the question is one for yes or no."""
    return _FITS.search(question) is not None and _HOW.match(question) is None


def _several_widths(question: str) -> bool:
    """Whether the question names several widths of the weights."""
    return len(set(re.findall(r"(?<![\w.])(?:16|8|4)(?=(?:[ -]?bits?\b|,| and | or |/))", question))) > 1


def _capital(text: str) -> str:
    return f"A{text[1:]}" if text.startswith("a ") else text


def _placed(
    placement: Placement, what: str, total: str, needs: tuple[Fact, ...], calculation: Calculation, question: str
) -> Iterator[Told]:
    """Whether it fits, and how many devices it takes."""
    capacity = _capacity(placement)
    own = (*needs, *_facts(step for step in placement.steps if step.name == "memory"))
    # a device of which only the memory is known is called after it
    bare = placement.device.startswith("a ")
    device = placement.device if bare else f"one {placement.device} with {capacity}"
    lead = {"yes": "Yes: ", "tight": "Only on paper: ", "no": "No: "}[placement.fits] if _asks(question) else ""
    if placement.fits == "no" and not _OF_ONE.search(question):
        lead = ""  # what runs on several of them runs on them
    what = what if lead else _capital(what)
    least, count = placement.least, placement.devices
    if least is None or count is None:
        yield Told(f"{what} needs {total}; no number of {placement.device} that was tried holds it.", own)
        return
    if placement.asked is not None and count > 1:
        yield from _counted(placement, count, what, total, own, question)
    elif count > 1 and count not in (least, placement.least_tensor):
        verb = "hold" if count >= least else "do not hold"
        yield Told(f"{count} × {placement.device}, {capacity} each, {verb} what it needs: {what} takes {total}.", own)
    elif placement.fits == "yes":
        yield Told(f"{lead}{what} needs {total} and fits {device}.", own)
    elif placement.fits == "tight":
        yield Told(f"{lead}{what} needs {total}, nearly all of {device}.", own)
    else:
        yield Told(f"{lead}{what} needs {total} and does not fit {device}.", own)
    widths = calculation.step("weights by width") if _WIDTHS.search(question) else None
    if widths is not None:
        yield from _fitting_widths(placement, widths, own)
    elif least > 1:
        exact = placement.least_full or least
        if exact > 1:
            yield Told(f"At least {exact} of them hold it: {total} / {capacity} each.", own)
        if least > exact:
            yield Told(f"A server leaves some memory free, so {least} are needed.", own)
        if placement.least_tensor and placement.least_tensor > least:
            yield Told(f"To divide the heads evenly, {placement.least_tensor} are needed.", own)


def _counted(
    placement: Placement, count: int, what: str, total: str, own: tuple[Fact, ...], question: str
) -> Iterator[Told]:
    """Whether the number of devices that was asked for holds it."""
    least, full = placement.least or 0, placement.least_full or placement.least or 0
    asks = _asks(question)
    lead, verb = (
        ("Yes: ", "hold")
        if count >= least
        else ("Only on paper: ", "just hold")
        if count >= full
        else ("No: ", "do not hold")
    )
    devices = f"{count} × {placement.device}, {_capacity(placement)} each"
    yield Told(f"{lead if asks else ''}{devices}, {verb} what it needs: {what} takes {total}.", own)


def _largest(calculation: Calculation) -> Iterator[Told]:
    """How large a model may be, and one of the documents of about that size; of a family that one first."""
    if calculation.family:
        yield from _largest_of(calculation)
    steps = [step for step in calculation.steps if step.name == LARGEST]
    several = len({step.device for step in steps}) > 1
    for step in steps:
        bare = step.device.startswith("a ")
        capacity = next(given.text for given in step.inputs if given.name == "memory capacity")
        times = re.match(r"\d+ × ", step.numbers)
        device = _capital(step.device) if bare else f"One {step.device} with {capacity}"
        verb = "holds"
        if times:
            device = f"{times[0]}{capacity}" if bare else f"{times[0]}{step.device}, {capacity} each,"
            verb = "hold"
        told = f"{device} {verb} the weights of a model of up to {step.text} ({step.numbers})."
        if (step is steps[0] or several) and not calculation.family:
            yield Told(told, _facts([step]))
        elif step is steps[0] or several:
            yield Told(told, _facts([step]), is_item=True)
        else:
            yield Told(f"Up to {step.text} ({step.numbers}).", _facts([step]), is_item=True)
    for step in calculation.steps:
        if step.name == EXAMPLE and not calculation.family:
            yield Told(
                f"The largest model of the documents whose weights fit: {step.text}.", _facts([step]), is_item=True
            )


def _largest_of(calculation: Calculation) -> Iterator[Told]:
    """The largest model of a family, and the next larger one, which does not fit."""
    examples = [step for step in calculation.steps if step.name == EXAMPLE]
    if not examples:
        yield Told(f"The documents give no {calculation.family} model whose weights fit.")
    lead = f"The largest {calculation.family} model of the documents whose weights fit is"
    for step in examples:
        yield Told(f"{lead} {step.text}: {step.numbers}.", _facts([step]))
    for step in calculation.steps:
        if step.name == BEYOND:
            yield Told(f"The next larger does not fit: {step.text}, {step.numbers}.", _facts([step]), is_item=True)


def _fitting_widths(placement: Placement, widths: Step, facts: tuple[Fact, ...]) -> Iterator[Told]:
    """The widths of the weights at which the model fits the devices that were asked for."""
    memory = placement.step("memory")
    given = _memory(placement)
    if memory is None or given is None:
        return
    room = given.value * (placement.devices or 1 if placement.devices not in (placement.least, None) else 1)
    sizes = {bits: widths.result.high * bits / 16 for bits in (16, 8, 4)}
    fitting = [f"{bits} bits with {bytes_text(size)}" for bits, size in sizes.items() if size <= room]
    others = [f"{bits} bits with {bytes_text(size)}" for bits, size in sizes.items() if size > room]
    if fitting:
        less = f", not at {' or '.join(others)}" if others else ""
        yield Told(f"By its weights alone, it fits at {', '.join(fitting)}{less}.", facts)
    else:
        yield Told(f"By its weights alone, it fits neither at {' nor at '.join(others)}.", facts)


def _made_of(calculation: Calculation, question: str) -> Iterator[Told]:
    """The parts of what is needed, with their formulas."""
    weights, widths = calculation.step("weights"), calculation.step("weights by width")
    if weights is not None and not _several_widths(question):
        yield Told(f"Weights: {weights.numbers} = {weights.text}.", _facts([weights]), is_item=True)
    # a reader who named no format may choose one
    if widths is not None and precision_in(question) is None and not _CACHE.search(question):
        yield Told(f"Weights at other widths: {widths.text}.", _facts([widths]), is_item=True)
    token, sequence = calculation.step("KV cache for a token"), calculation.step("KV cache of a sequence")
    everyone = calculation.step("KV cache of all sequences")
    if token is not None and sequence is not None:
        cached = _cache_facts(calculation)
        yield Told(
            f"KV cache in {calculation.kv_precision}: {token.numbers} = {token.text} for a token, "
            f"{sequence.text} for {calculation.context:,} tokens.",
            cached,
            is_item=True,
        )
        if everyone is not None:
            yield Told(f"KV cache of all sequences: {everyone.numbers} = {everyone.text}.", cached, is_item=True)


def _on_device(placement: Placement, question: str) -> Iterator[Told]:
    """What else was asked of the device."""
    wanted = [
        (re.search(r"\b(left|room|remain\w*|spare)\b", question, re.I), "room for the cache", "Room for the cache"),
        (_CONTEXT.search(question), LONGEST, "Longest context"),
        (_MANY.search(question), "sequences that fit", "Sequences at once"),
        (_SPEED.search(question), "decode of one request", "Decode of one request"),
        (_WAIT.search(question), "prefill", "Reading the prompt"),
        (_COST.search(question), FULL_COST, "Cost with a memory full of requests"),
    ]
    if _COST.search(question) and _TOKENS.search(question) and placement.price_by_hour is None:
        yield Told(f"The documents do not give the price by the hour of the {placement.device}.", is_item=True)
    for asked, name, label in wanted:
        step = placement.step(name) if asked else None
        if step is not None:
            yield Told(f"{label}: {step.text} ({step.numbers}).", _facts([step]), is_item=True)


def _what(calculation: Calculation) -> str:
    """The model with what it is asked to do."""
    context = f" with {calculation.context:,} tokens of context" if calculation.context else ""
    users = f" for {calculation.concurrency:,} sequences" if calculation.concurrency > 1 else ""
    return f"{_model(calculation)} in {calculation.precision}{context}{users}"


def _model(calculation: Calculation) -> str:
    size = calculation.model.removesuffix(" model")
    return f"a model of {size} parameters" if size != calculation.model else size


def _parts(calculation: Calculation) -> str:
    return "weights and KV cache" if calculation.step("KV cache of a sequence") else "the weights alone"


def _capacity(placement: Placement) -> str:
    """The memory of one device, as its source writes it."""
    given = _memory(placement)
    return given.text if given else "unknown memory"


def _memory(placement: Placement) -> Given | None:
    memory = placement.step("memory")
    return next((given for given in memory.inputs if given.name == "memory capacity"), None) if memory else None


def _cache_facts(calculation: Calculation) -> tuple[Fact, ...]:
    return _facts(step for step in calculation.steps if step.name.startswith("KV cache"))


def _facts(steps: Iterable[Step]) -> tuple[Fact, ...]:
    found: Sequence[Fact] = [given.fact for step in steps for given in step.inputs if given.fact is not None]
    return tuple({fact.id: fact for fact in found}.values())
