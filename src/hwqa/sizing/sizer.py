"""Sizing: a request and the facts of the documents in, a calculation out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from hwqa.errors import SizingError
from hwqa.names import NameFinder, key
from hwqa.schema import Fact
from hwqa.selection.figures import stands_at_home
from hwqa.sizing.device import Device, device_of_size, read_device
from hwqa.sizing.memory import cache_bytes, routed_parameters, weight_bytes
from hwqa.sizing.model import Shape, cached_values, read_shape, shape_by_parameters
from hwqa.sizing.placing import Needs, place
from hwqa.sizing.precision import Precision, precision_in
from hwqa.sizing.request import Request
from hwqa.sizing.shares import Planning, read_planning
from hwqa.sizing.terms import role_of
from hwqa.sizing.values import Calculation, Given, Placement, Range, Step, bytes_text, figure
from hwqa.vocabulary import Vocabulary

_UNQUANTISED = 16
"""Bits of the parameters that a format leaves as they are."""
_NEAREST = 3
"""Names offered where one is not known."""


class Sizer:
    """Sizes models on devices with the figures of the documents.

    >>> sizer = Sizer(index.facts(), vocabulary)  # doctest: +SKIP
    >>> sizer.size(Request(parameters=70e9, precision=PRECISIONS["fp8"])).step("weights").text  # doctest: +SKIP
    '70.0 GB (65.2 GiB)'
    """

    def __init__(self, facts: Iterable[Fact], vocabulary: Vocabulary) -> None:
        """Take every fact of the documents and what they call things."""
        self._names = vocabulary.attributes
        self._of: dict[str, list[Fact]] = defaultdict(list)
        for fact in facts:
            self._of[fact.product].append(fact)
        self._read: dict[tuple[str, Precision], Device | None] = {}
        self._called: dict[str, set[str]] = defaultdict(set)
        # A name that stands only in the first column of a comparison may mean several products.
        self._products = [product for product in self._of if product in vocabulary.products]
        for product in self._products:
            for name in vocabulary.products[product]:
                self._called[key(name)].add(product)
        self._finder = NameFinder({product: vocabulary.products[product] for product in self._products})
        self._topics = vocabulary.topics

    @cached_property
    def models(self) -> Mapping[str, Shape]:
        """Name → shape of every model of the documents."""
        return {name: shape for name in self.model_names if (shape := self._shape(name)) is not None}

    @cached_property
    def model_names(self) -> tuple[str, ...]:
        """The products of which the documents give the number of parameters."""
        return tuple(self._with("parameters"))

    def family(self, text: str) -> tuple[str, tuple[str, ...]]:
        """The family of models that the text names by a word of its page or of its members, and these models.

        Empty where it names none, or a word that all models share.
        """
        for found in self._families(text):
            word, named = text[found.start : found.end], set(found.values)
            own = [name for name in self.model_names if key(word) in key(name)]
            paged = [name for name in self.model_names if named & {fact.path for fact in self._of[name]}]
            members = own or paged
            if 0 < len(members) < len(self.model_names):
                return word, tuple(members)
        return "", ()

    @cached_property
    def _families(self) -> NameFinder:
        """Finds the words for families of models, each with the pages that it belongs to."""
        pages = {fact.path for name in self.model_names for fact in self._of[name] if stands_at_home(fact)}
        words: dict[str, list[str]] = defaultdict(list)
        for word, paths in self._topics.items():
            for path in pages & set(paths):
                words[path].append(word)
        return NameFinder(words)

    @cached_property
    def devices(self) -> tuple[str, ...]:
        """The devices whose memory the documents give."""
        return tuple(name for name in self._with("memory capacity") if name not in self.model_names)

    @cached_property
    def planning(self) -> Planning:
        """The shares of bounds that the documents plan with."""
        rows = (fact for name, facts in self._of.items() if role_of(name) for fact in facts)
        return read_planning(rows)

    def _device(self, name: str, precision: Precision) -> Device | None:
        """The device as its figures say for a format, read once; None where they do not say how much memory it has."""
        if (name, precision) not in self._read:
            self._read[name, precision] = read_device(name, self._of[name], self._names, precision)
        return self._read[name, precision]

    def size(self, request: Request) -> Calculation:
        """What the model needs and how it stands on the devices; every figure carries the fact that it rests on.

        Raises:
            SizingError: The model or a device is not known, or the documents lack what is needed of it.
        """
        shape = self._asked_model(request)
        if request.published and (format_ := _published(shape)) is not None:
            request = replace(request, precision=format_)
        needs, steps, warnings = self._needs(shape, request)
        left_out: dict[str, str] = {}
        placements: list[Placement] = []
        if request.memory is not None:
            placements.append(place(needs, device_of_size(request.memory), request, self.planning))
        for name in () if placements or not (request.devices or request.most_devices) else self._asked_devices(request):
            device = self._device(name, request.precision)
            if device is None:
                if request.devices:
                    raise SizingError(f"the documents give no memory capacity of {name}: name another device")
                continue
            if request.cards and not request.devices and not device.is_card:
                continue
            placements.append(place(needs, device, request, self.planning))
            if placements[-1].devices is None:
                left_out[name] = "no number of these devices holds the model"
        if not request.devices and request.memory is None:
            held = [placement for placement in placements if placement.devices is not None]
            if request.single:
                held = [placement for placement in held if placement.devices == 1]
            priced = [placement for placement in held if placement.price is not None] if request.cheapest else []
            # Among those that need the fewest, the least memory that is enough comes first.
            held = sorted(priced, key=_cost) if priced else sorted(held, key=_size)
            placements = held[: request.most_devices]
        return Calculation(
            model=shape.name,
            precision=request.precision.name,
            kv_precision=request.kv_precision.name,
            context=request.context,
            output=request.output,
            concurrency=request.concurrency,
            steps=steps,
            placements=tuple(placements),
            warnings=warnings,
            cheapest=bool(placements) and request.cheapest and placements[0].price is not None,
            left_out=left_out if request.devices else {},
        )

    def _needs(self, shape: Shape, request: Request) -> tuple[Needs, tuple[Step, ...], tuple[str, ...]]:
        bits = figure(request.precision.bits)
        weights, first = _weights(shape, request.precision)
        steps = [first]
        warnings = list(shape.warnings)
        if request.precision.blocks:
            warnings.append(f"{request.precision.name} takes {bits} bits of a weight: {request.precision.blocks}")
        value = request.kv_precision.bytes
        cache = cache_bytes(shape, request.context, value)
        steps.append(_widths(shape))
        if cache is not None and request.context > 0:
            steps += _cache_steps(shape, request, cache)
        elif shape.borrowed_cache is None and not shape.warnings:
            warnings.append(f"the documents do not give the shape of {shape.name}: the KV cache is not known")
        total = weights + (cache or 0.0) * request.concurrency
        steps.append(
            Step(
                "weights and cache",
                "weights + KV cache × sequences",
                f"{bytes_text(weights)} + {bytes_text(cache or 0.0)} × {request.concurrency}",
                Range(total, total),
                "B",
                bytes_text(total),
            )
        )
        if shape.limit is not None and request.context > shape.limit.value:
            warnings.append(f"a context of {request.context:,} tokens is beyond the {shape.limit.text} of {shape.name}")
        if cache is not None and request.context == 0:
            warnings.append("no context was named: the weights are counted alone")
        if request.output is not None and request.output >= request.context:
            raise SizingError("the answer must be shorter than the context, which holds prompt and answer")
        return Needs(shape, weights, cache or 0.0), tuple(steps), tuple(warnings)

    def _asked_model(self, request: Request) -> Shape:
        if request.parameters is not None:
            return shape_by_parameters(request.parameters, list(self.models.values()))
        found = self._find(request.model, set(self.model_names))
        shape = None if found is None else self._shape(found)
        if shape is None:
            raise SizingError(self._unknown("model", request.model, self.model_names))
        return shape

    def mentions(self, text: str) -> list[tuple[int, tuple[str, ...]]]:
        """Where the text names models and devices, and which ones."""
        return [(found.start, tuple(found.values)) for found in self._finder(text)]

    def device(self, name: str, precision: Precision) -> Device | None:
        """The device of this name, with its peak for a format; None where its memory is not known."""
        return read_device(name, self._of[name], self._names, precision)

    def _asked_devices(self, request: Request) -> list[str]:
        if not request.devices:
            return list(self.devices)
        names = []
        for asked in request.devices:
            found = self._find(asked, set(self.devices))
            if found is None and (other := self._find(asked, set(self._products))) is not None:
                raise SizingError(f"the documents give no memory capacity of {other}: name another device")
            if found is None:
                raise SizingError(self._unknown("device", asked, list(self.devices)))
            names.append(found)
        return list(dict.fromkeys(names))

    def _find(self, asked: str, among: set[str]) -> str | None:
        """The product of this name among those given; None where none or several have it."""
        found = self._called.get(key(asked), set()) & among
        exact = {name for name in found if key(name) == key(asked)}
        found = exact or found or self._within(asked, among)
        return found.pop() if len(found) == 1 else None

    def _within(self, asked: str, among: set[str]) -> set[str]:
        """The product that a longer name holds, as with its maker before it; a digit beside it is of another one."""
        named = self._finder(asked)
        if len(named) != 1 or any(map(str.isdigit, asked[: named[0].start] + asked[named[0].end :])):
            return set()
        return set(named[0].values) & among

    def _unknown(self, what: str, asked: str, known: Sequence[str]) -> str:
        several = sorted(self._called.get(key(asked), set()) & set(known))
        if len(several) > 1:
            return f"{asked!r} may be {' or '.join(several)}: name one of them"
        if not known:
            return f"the documents describe no {what} that can be sized: see `hwqa doctor`"
        return f"the documents have no {what} {asked!r}: the nearest are {', '.join(self._nearest(asked, known))}"

    def _nearest(self, asked: str, known: Sequence[str]) -> list[str]:
        from rapidfuzz import fuzz, process  # noqa: PLC0415 - needed only for names that are not known

        spellings = {name: product for name, products in self._called.items() for product in products & set(known)}
        found = process.extract(key(asked), list(spellings), scorer=fuzz.WRatio, limit=4 * _NEAREST)
        return list(dict.fromkeys(spellings[name] for name, _, _ in found))[:_NEAREST]

    def _with(self, role: str) -> list[str]:
        """Products that have facts of a role under their own heading or in a table, in the order of the documents."""
        attributes = {fact.attribute for facts in self._of.values() for fact in facts}
        playing = {name for name in attributes if role_of(name, self._names.get(name, ())) == role}
        return [product for product in self._products if any(fact.attribute in playing for fact in self._of[product])]

    def _shape(self, name: str) -> Shape | None:
        return read_shape(name, self._of[name], self._names)


def _size(placement: Placement) -> tuple[float, float, str]:
    return placement.devices or 0, placement.steps[0].result.high, placement.device


def _cost(placement: Placement) -> tuple[float, float, str]:
    """What the devices cost in sum, then how many they are."""
    assert placement.price is not None and placement.devices is not None  # noqa: S101 - the caller has looked
    return placement.price.value * placement.devices, placement.devices, placement.device


def _published(shape: Shape) -> Precision | None:
    """The format that the documents name for the published files of a model."""
    fact = shape.file_size.fact if shape.file_size else None
    return precision_in(f"{fact.value} {fact.note}") if fact else None


def _widths(shape: Shape) -> Step:
    """The weights at the usual widths, without scales."""
    sizes = {bits: weight_bytes(shape.parameters.value, bits) for bits in (16, 8, 4)}
    return Step(
        "weights by width",
        "parameters × bits / 8",
        f"{shape.parameters.text} × 16, 8 and 4 bits / 8",
        Range(sizes[4], sizes[16]),
        "B",
        ", ".join(f"{bytes_text(size)} at {bits} bits" for bits, size in sizes.items()),
        (shape.parameters,),
    )


def _weights(shape: Shape, precision: Precision) -> tuple[float, Step]:
    """Bytes of the weights, and the step that gives them."""
    bits = figure(precision.bits)
    routed = routed_parameters(shape) if precision.experts_only else None
    if routed is None or shape.active is None or shape.experts is None or shape.used_experts is None:
        weights = weight_bytes(shape.parameters.value, precision.bits)
        formula, numbers = "parameters × bits / 8", f"{shape.parameters.text} × {bits} bits / 8"
        inputs: tuple[Given, ...] = (shape.parameters,)
    else:
        others = shape.parameters.value - routed
        weights = weight_bytes(routed, precision.bits) + weight_bytes(others, _UNQUANTISED)
        formula = "(routed experts × bits + other parameters × 16) / 8"
        numbers = f"({figure(routed / 1e9)} billion × {bits} + {figure(others / 1e9)} billion × {_UNQUANTISED}) / 8"
        inputs = (shape.parameters, shape.active, shape.experts, shape.used_experts)
    return weights, Step("weights", formula, numbers, Range(weights, weights), "B", bytes_text(weights), inputs)


def _cache_steps(shape: Shape, request: Request, cache: float) -> list[Step]:
    """The steps that give the cache of one token, and of one sequence."""
    value = request.kv_precision.bytes
    per_token = (cached_values(shape) or 0.0) * value
    formula, numbers, inputs = _cache_formula(shape, figure(value))
    steps = [
        Step(
            "KV cache for a token",
            formula,
            numbers,
            Range(per_token, per_token),
            "B",
            f"{figure(per_token, 6)} bytes",
            inputs,
        )
    ]
    windowed = shape.window is not None and shape.window_layers is not None and shape.layers is not None
    if windowed and shape.window and shape.window_layers and shape.layers and request.context > shape.window.value:
        full = (
            shape.layers.value - shape.window_layers.value - (shape.linear_layers.value if shape.linear_layers else 0)
        )
        formula = "bytes of a token and layer × (layers without a window × context + layers with one × window)"
        layer = per_token / (full + shape.window_layers.value)
        numbers = (
            f"{figure(layer, 6)} × ({figure(full)} × {request.context:,} + {shape.window_layers.text} × "
            f"{shape.window.text})"
        )
        inputs = (shape.layers, shape.window_layers, shape.window)
    else:
        formula = "bytes for a token × context"
        numbers, inputs = f"{figure(per_token, 6)} × {request.context:,}", ()
    low, high = cache, cache
    if shape.borrowed_cache is not None:
        low, high = (end * value * request.context for end in (shape.borrowed_cache[0], shape.borrowed_cache[2]))
    steps.append(Step("KV cache of a sequence", formula, numbers, Range(low, high), "B", bytes_text(cache), inputs))
    if request.concurrency > 1:
        everyone = Range(low * request.concurrency, high * request.concurrency)
        total = cache * request.concurrency
        numbers = f"{bytes_text(cache)} × {request.concurrency:,}"
        formula = "KV cache of a sequence × sequences"
        steps.append(Step("KV cache of all sequences", formula, numbers, everyone, "B", bytes_text(total)))
    return steps


def _cache_formula(shape: Shape, value: str) -> tuple[str, str, tuple[Given, ...]]:
    if shape.borrowed_cache is not None:
        formula = "cached values of a token in models of about this size × bytes of a value"
        return formula, f"{figure(shape.borrowed_cache[1], 6)} × {value}", shape.lenders
    layers = shape.layers
    assert layers is not None  # noqa: S101 - a cache is known only where the layers are
    growing, counted = "layers", layers.text
    inputs: tuple[Given, ...] = (layers,)
    if shape.linear_layers is not None:
        growing, counted = "(layers − linear layers)", f"({layers.text} − {shape.linear_layers.text})"
        inputs = (layers, shape.linear_layers)
    if shape.latent is not None:
        rope = shape.rope.text if shape.rope else "0"
        formula = f"{growing} × (KV LoRA rank + RoPE head size) × bytes of a value"
        more = (shape.latent, *((shape.rope,) if shape.rope else ()))
        return formula, f"{counted} × ({shape.latent.text} + {rope}) × {value}", (*inputs, *more)
    assert shape.kv_heads is not None and shape.head_size is not None  # noqa: S101 - as above
    formula = f"2 × {growing} × KV heads × head size × bytes of a value"
    numbers = f"2 × {counted} × {shape.kv_heads.text} × {shape.head_size.text} × {value}"
    return formula, numbers, (*inputs, shape.kv_heads, shape.head_size)
