"""The sizing that a question asks for, with the models and devices that it names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from hwqa.errors import SizingError
from hwqa.sizing.fitting import asks_for_size, largest_model, may_ask_for_size
from hwqa.sizing.request import MOST_DEVICES, Request, memory_in, read_request
from hwqa.sizing.sizer import Sizer
from hwqa.sizing.values import Calculation, Placement

_THING = r"(?:gpus?|cards?|chips?|devices?|accelerators?|boards?|hardware|systems?|machines?|boxes|nodes?|servers?)"
_MEMORY = r"(?:memory|vram|ram|gb|gib|gigabytes?|gpus?|cards?|chips?|devices?|accelerators?|boards?|boxes|nodes?)"
_MOST = 24
"""Devices named where the question asks which would do."""
_USUAL_CONTEXT = 8192
"""Tokens of a sequence, where a question for speed, cost or many users names none."""
_WHICH = re.compile(
    r"\b(?:which|what|how many|cheapest|smallest|fewest|least)\b.{0,40}"
    r"\b(?:gpus?|cards?|chips?|devices?|accelerators?|boards?|hardware|systems?|machines?)\b",
    re.I,
)
_ASKS = re.compile(
    # whether it fits
    r"\b(?:fits?|holds?|squeez\w+ .{1,60}(?:in|on)to|go(?:es)? in(?:to)?|gets? .{1,60} into)\b|"
    r"\b(?:enough for|is left|left for|room for)\b|"
    # what it takes
    rf"\b(?:needs?|requires?|takes?|uses?|occup\w+)\b.{{0,60}}\b{_MEMORY}\b|"
    rf"\b(?:how (?:many|much)|number of|least|which)\b.{{0,60}}\b{_MEMORY}\b.{{0,80}}"
    r"\b(?:needs?|requires?|takes?|hold|altogether|weights?)\b|"
    r"\b(?:kv[- ]?cache|size of the weights|(?:gb|gib|big|large) .{0,30}weights|weights? .{0,40}(?:gb|gib))\b|"
    r"\b(?:altogether|footprint)\b|"
    r"\bhow many\b.{0,80}\b(?:needs?|requires?|takes?|hold|just to)\b|"
    r"\bhow much (?:gpu )?(?:memory|vram|ram)\b.{0,20}\b(?:for|to (?:run|serve|host|load))\b|"
    # how many at once, and how fast at most
    r"\bhow many\b.{0,60}\b(?:requests?|users?|sequences?|sessions?)\b|"
    r"\b(?:upper bound|ceiling|at the very most|at best)\b",
    re.I,
)
_ASKS_OF_DEVICE = re.compile(
    # how many of them
    r"\bhow many\b(?! (?:tokens?|tok\b|tps|layers?|heads?|experts?|parameters?|bits?|gb|gib|watts?|tflops))"
    r".{0,60}\b(?:for|(?:to|do|can) (?:run|serve|host|load|deploy))\b|"
    r"\b(?:runs?|serves?|hosts?|loads?)(?: .{1,60})? on how many\b|"
    r"\bnumber of\b.{1,60}\b(?:for|needed|to (?:run|serve|host|load))\b|"
    # whether it runs
    r"\b(?:can|could|will|would|does|do)\b.{1,60}\bruns?\b(?: .{1,60})? on\b|"
    # how long a context may be
    r"\b(?:largest|longest|maximum|max|biggest|how (?:long|much|large|big)|how many tokens)\b.{0,30}\bcontext\b.{1,60}"
    r"\b(?:on|in|with|fits?|hold)\b|"
    # how long a prompt takes
    r"\b(?:how long|time|seconds)\b.{0,60}\b(?:prefill|first token|ttft|prompts?)\b|"
    r"\bprefill\b.{0,40}\b(?:time|takes?|long|seconds)\b|"
    r"\b(?:how (?:long|much|large|big)|largest|longest|max(?:imum)?) an? (?:\w+ )?context\b|"
    r"\bhow (?:much|many tokens of) context\b|"
    # what to expect of it
    r"\b(?:tokens?|tok|speed|throughput|performance|fast)\b.{0,30}\b(?:expect|estimate\w*|theoretical\w*)\b|"
    r"\b(?:expect|estimate\w*|theoretical\w*)\b.{0,30}\b(?:tokens?|tok|speed|throughput|fast)\b|"
    r"\bmemory and speed\b|\bspeed and memory\b",
    re.I,
)
"""What only a question that names a device asks of a sizing."""
_COST = re.compile(
    r"\b(?:costs?|prices?|dollars?|\$).{0,40}\b(?:million|1 ?M|M|billion) (?:\w+ )?tokens\b|"
    r"\b(?:million|1 ?M|billion) (?:\w+ )?tokens\b.{0,40}\b(?:costs?|price)|"
    r"\b(?:costs?|price|cheapest) (?:per|of a|for a|of each)? ?tokens?\b|"
    r"\btokens?\b.{0,20}\b(?:per|for a|for each) (?:dollar|usd)\b|\btokens? ?(?:per |/ ?)\$",
    re.I,
)
_LEAST_COST = re.compile(r"\b(?:cheapest|lowest|least|most|where|which|best)\b|\bper (?:dollar|usd)\b|/ ?\$", re.I)
_TIME = re.compile(r"\b(?:prefill|first token|ttft)\b", re.I)
_HARDWARE_FOR = re.compile(
    rf"\b(?:which|what)(?:'s| is| are)?(?: the)?(?: (?:kind|sort) of)? (?:[\w-]+ ){{0,2}}{_THING}\b.{{0,30}}"
    r"\b(?:for|needed|need|to (?:run|serve|host)|runs?|can run|do i need)\b",
    re.I,
)
"""A question for the hardware that a model of some size takes, where it asks for no most or least."""
_NEEDS = re.compile(
    # asked outright
    r"\bwhat (?:else )?(?:do|would|will|must) (?:i|we|you|one|they) (?:\w+ )?(?:need|require)\b(?! to know)|"
    r"\bwhat (?:should|must|could) (?:i|we|you|one) (?:\w+ )?(?:buy|get|rent|have)\b|"
    r"\bwhat (?:does|will|would) it take\b|"
    r"\bwhat(?:'s| is)? (?:needed|required|necessary)\b|\bwhat .{1,60} (?:needs?|requires?)\W*$|"
    r"\b(?:hardware|system|memory|v?ram|gpu|server|minimum) requirements?\b|\brequirements? (?:for|of|to)\b|"
    rf"\b(?:suggest|recommend)\b.{{0,30}}\b{_THING}\b.{{0,20}}\b(?:for|to (?:run|serve|host|deploy))\b|"
    r"\bwhat (?:can|could|should|do|would) (?:i|we|you) (?:run|host|serve|deploy)\b.{1,60}\b(?:on|with)\W*$|"
    r"\bon what\b.{0,20}\b(?:run|host|serve|deploy)\b|"
    # in a few words
    r"^\W*(?:(?:the|an?|any|some|right|suitable|smallest|least|min\w*|cheapest|best|good) )*"
    rf"(?:{_THING}|v?ram|memory|set-?up|rig|build) (?:for|to (?:run|serve|host|load|deploy))\b|"
    # said as a wish, with nothing behind it that asks for something else
    r"\b(?:want|like|plan|hope|need|intend) to (?:run|host|serve|deploy|self-host)\b[^,;:?!]*$",
    re.I,
)
"""A question for whatever it takes to run a model, whose name or size has to stand in it."""
_DONE = re.compile(
    r"\b(?:was|were|did|had|took|needed|used|ran)\b.{0,20}\b(?:needed|used|for|run|take|need|use)\b", re.I
)
"""A question for what somebody did is answered by what the documents tell of it."""
_EXTREME = re.compile(r"\b(?:fast|quick|best|most|high|recommended|good)\w*\b", re.I)
_CHEAPEST = re.compile(r"\b(?:cheapest|lowest[- ]priced?|least expensive|least money|most affordable)\b", re.I)
_SINGLE = re.compile(r"\b(?:single|one|alone)\b", re.I)
_CARD = re.compile(r"\bcards?\b", re.I)


def sized(question: str, named: Sequence[str], sizer: Sizer) -> Calculation | None:
    """The calculation that answers the question; None where it asks for none, or the documents do not say enough.

    Args:
        question: It has to ask what a model needs or where it fits, not what is known of it.
        named: The products that it names, models and devices alike.
        sizer: Knows the documents.
    """
    if not asks_for_sizing(question):
        return None
    models = [name for name in named if name in sizer.model_names]
    devices = tuple(name for name in named if name in sizer.devices)
    if len(models) > 1:
        return None
    before = [question[:start] for start, values in sizer.mentions(question) if set(values) & set(devices)]
    if not models and (asks_for_size(question) or (may_ask_for_size(question) and sizer.family(question)[0])):
        found = largest_model(question, devices, sizer, before)
        if found is not None:
            return found
    needs = _NEEDS.search(question)
    if _DONE.search(question) and not needs:
        return None
    of_device = _ASKS_OF_DEVICE.search(question) or _COST.search(question)
    open_to_all = _HARDWARE_FOR.search(question) and not _EXTREME.search(question)
    if not (
        (_COST.search(question) and _LEAST_COST.search(question))
        or _ASKS.search(question)
        or (of_device and (devices or memory_in(question)))
        or (open_to_all and not devices)
        or (needs and len(devices) < 2)
    ):
        return None
    request = read_request(question, models[0] if models else "", devices, before)
    if request is None:
        return None
    if _COST.search(question) and _LEAST_COST.search(question) and not devices and not request.memory:
        return _by_cost(request, sizer)
    shared = needs and request.concurrency > 1  # weights alone serve nobody, and each user has a cache of their own
    if not request.context and (shared or _COST.search(question) or _TIME.search(question)):
        request = replace(request, context=_USUAL_CONTEXT)
    if not devices:
        request = replace(
            request,
            single=bool(_SINGLE.search(question)),
            cards=bool(_CARD.search(question)),
            cheapest=bool(_CHEAPEST.search(question)),
        )
    which = _WHICH.search(question) or (_CHEAPEST.search(question) and not devices)
    try:
        found = sizer.size(replace(request, most_devices=_MOST if needs or which else 0))
    except SizingError:
        return None
    stands = found.placements[0] if len(devices) == 1 and found.placements else None
    if stands is not None and stands.devices is None and not _ASKS.search(question):
        return None
    if _COST.search(question) and stands is not None and stands.least and request.count is None:
        return _costed(found, stands, request, sizer)
    return found


def _costed(found: Calculation, stands: Placement, request: Request, sizer: Sizer) -> Calculation:
    """The calculation for the fewest devices that leave room for several requests at once.

    What fits on paper alone, or holds one request, is not what a price of tokens is reckoned for.
    """
    if stands.price_by_hour is None or _has_cost(stands):
        return found
    count = stands.least_tensor or stands.least or 1
    for more in (count, 2 * count, 4 * count):
        larger = sizer.size(replace(request, count=min(more, MOST_DEVICES)))
        if larger.placements and _has_cost(larger.placements[0]):
            return larger
    return found


def _by_cost(request: Request, sizer: Sizer) -> Calculation | None:
    """The devices whose price by the hour is known, by what tokens cost on the fewest that serve several requests."""
    request = request if request.context else replace(request, context=_USUAL_CONTEXT)
    placements = []
    for device in sizer.devices:
        asked = replace(request, devices=(device,))
        try:
            found = sizer.size(asked)
        except SizingError:
            continue
        stands = found.placements[0] if found.placements else None
        if stands is None or stands.price_by_hour is None:
            continue
        placements += [each for each in _costed(found, stands, asked, sizer).placements if _has_cost(each)]
    if not placements:
        return None
    placements.sort(key=_middle_cost)
    return replace(sizer.size(replace(request, most_devices=0)), placements=tuple(placements), by_cost=True)


def _middle_cost(placement: Placement) -> float:
    step = next(step for step in placement.steps if step.unit == "$/Mtoken")
    return step.result.low * step.result.high


def _has_cost(placement: Placement) -> bool:
    return any(step.unit == "$/Mtoken" for step in placement.steps)


def asks_for_sizing(question: str) -> bool:
    """Whether a question that names a model, a size or a device may ask for a calculation."""
    patterns = (_ASKS, _ASKS_OF_DEVICE, _COST, _HARDWARE_FOR, _NEEDS)
    return (
        asks_for_size(question) or may_ask_for_size(question) or any(pattern.search(question) for pattern in patterns)
    )
