"""What a misbehaving chat model writes: drafts made from the evidence in its prompt, with the lies that they tell.

The model is a script for the server of the tests. It reads the prompt as any model does, so it knows the items, their
numbers and what they say; a seed decides what it does with them.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_ITEM = re.compile(r"^\[(\d+)\] (.*)\n((?:>.*(?:\n|$))*)", re.MULTILINE)
_FACT = re.compile(
    r"^(?P<product>[^;:|]{2,60}); (?P<attribute>[^;:|]{2,60}): (?P<value>[^;]+?)(?:; basis: (?P<basis>[^;]+))?(?:;|$)"
)
_FIGURE = re.compile(
    r"(?<![\w.,])(\d[\d,]*(?:\.\d+)?)( ?)(TFLOPS|PFLOPS|TOPS|GB/s|TB/s|GiB|GB|MB|TB|W|tokens/s|GHz|MHz|nm|%)(?!\w)"
)
_OTHER_UNIT = {
    "TFLOPS": "PFLOPS", "PFLOPS": "TFLOPS", "TOPS": "TFLOPS", "GB/s": "TB/s", "TB/s": "GB/s", "GiB": "TB", "GB": "TB",
    "MB": "GB", "TB": "GB", "W": "kW", "tokens/s": "tokens/min", "GHz": "MHz", "MHz": "GHz", "nm": "mm", "%": "GB",
}  # fmt: skip
_WORDS = ("ninety-seven", "three hundred and thirteen", "eighty-nine thousand", "six hundred and one")


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of the prompt that gives an attribute of a product."""

    number: int
    product: str
    attribute: str
    value: str
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """What the model read of the evidence."""

    facts: tuple[Fact, ...]
    sentences: tuple[tuple[int, str], ...]
    """Sentences of passages that hold a figure with a unit, with the number of their item."""
    numbers: tuple[int, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft and what is wrong with it."""

    text: str
    lies: tuple[tuple[str, ...], ...] = ()
    """Of each false statement, texts that never stand together in one line of an answer that this model wrote."""
    ending: str = ""
    """`die` or `hang`, when the server fails after the text."""


def see(prompt: str) -> Seen:
    """The evidence as the prompt lays it out."""
    facts: list[Fact] = []
    sentences: list[tuple[int, str]] = []
    numbers: list[int] = []
    for match in _ITEM.finditer(prompt):
        number = int(match[1])
        numbers.append(number)
        lines = [line[2:] for line in match[3].splitlines()]
        fact = _FACT.match(lines[0]) if lines else None
        figure = _FIGURE.search(fact["value"]) if fact else None
        if fact and figure:
            facts.append(Fact(number, fact["product"], fact["attribute"], figure[0], fact["basis"] or ""))
            continue
        sentences += [
            (number, sentence.strip(" .;-*"))
            for line in lines
            for sentence in re.split(r"(?<=[.;])\s", line)
            if _FIGURE.search(sentence) and "|" not in sentence and 20 < len(sentence) < 200
        ]
    return Seen(tuple(facts), tuple(sentences), tuple(numbers), prompt)


# The parts that drafts are made of ----------------------------------------------------------------------------------


def some_fact(seen: Seen, chance: random.Random) -> Fact:
    if seen.facts:
        return chance.choice(seen.facts)
    return Fact(chance.choice(seen.numbers or (1,)), "device", "memory", "80 GB")


def _say(fact: Fact, value: str, chance: random.Random) -> str:
    """A statement of a value in one of several wordings, without a mark."""
    name, attribute = fact.product, fact.attribute[:1].lower() + fact.attribute[1:]
    return chance.choice(
        [
            f"The {name} has {_article(attribute)}{attribute} of {value}",
            f"The {attribute} of the {name} is {value}",
            f"{name}: {attribute} {value}",
            f"With {value}, the {name} has its {attribute} settled",
            f"At {value} of {attribute}, the {name} is listed",
            f"{value} is the {attribute} of the {name}",
            f"The {name} offers {value} ({attribute})",
        ]
    )


def _article(word: str) -> str:
    return "an " if word[:1] in "aeiou" else "a "


def true_sentence(fact: Fact, chance: random.Random) -> str:
    return f"{_say(fact, _with_basis(fact), chance)} [{fact.number}]."


def _with_basis(fact: Fact) -> str:
    return f"{fact.value} ({fact.basis})" if fact.basis in ("dense", "sparse") else fact.value


def figure_of(value: str) -> tuple[float, str]:
    match = _FIGURE.search(value)
    if match is None:
        return 80.0, "GB"
    return float(match[1].replace(",", "")), match[3]


def _print(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 or number == int(number) else f"{number:.4g}"


def near_miss(value: str, chance: random.Random, seen: Seen) -> str:
    """A figure of the same unit, often nearly this one, whose digits stand nowhere in the prompt."""
    number, unit = figure_of(value)
    while True:
        factor = chance.choice([0.5, 0.9, 1.07, 1.1, 1.25, 1.5, 2, 3, 10, 0.1]) * chance.choice([1, 1, 1.01, 1.03])
        wrong = _print(number * factor + chance.choice([0, 0, 1, 3, 7]))
        if wrong not in seen.text and wrong.replace(",", "") not in seen.text:
            return f"{wrong} {unit}"


def _lie(fact: Fact, value: str, chance: random.Random, marks: str = "") -> tuple[str, tuple[str, ...]]:
    sentence = _say(fact, value, chance)
    return f"{sentence} {marks or f'[{fact.number}]'}.", (sentence,)


def two_facts(seen: Seen, chance: random.Random) -> tuple[Fact, Fact] | None:
    """Two facts about the same attribute of two products with two values."""
    pairs = [
        (one, other)
        for one in seen.facts
        for other in seen.facts
        if one.attribute == other.attribute
        and one.basis == other.basis
        and one.product not in other.product
        and other.product not in one.product
        and _far(one.value, other.value)
    ]
    # A product may have a value twice: then neither is a lie.
    values: dict[str, set[str]] = {}
    for fact in seen.facts:
        values.setdefault(fact.product, set()).add(fact.value)
    pairs = [(one, other) for one, other in pairs if other.value not in values[one.product]]
    return chance.choice(pairs) if pairs else None


def _far(one: str, other: str) -> bool:
    (first, unit), (second, same) = figure_of(one), figure_of(other)
    return unit == same and abs(first - second) > 0.05 * max(first, second)


def surrounded(lie: str, seen: Seen, chance: random.Random) -> str:
    """The lie among true sentences, or alone."""
    before = true_sentence(some_fact(seen, chance), chance) + " " if chance.random() < 0.5 else ""
    after = " " + true_sentence(some_fact(seen, chance), chance) if chance.random() < 0.5 else ""
    return before + lie + after


# Kinds of misbehaviour -----------------------------------------------------------------------------------------------


def _invents(seen: Seen, chance: random.Random) -> Draft:
    if seen.sentences and (chance.random() < 0.4 or not seen.facts):
        number, sentence = chance.choice(seen.sentences)
        wrong = _FIGURE.sub(lambda figure: near_miss(figure[0], chance, seen), sentence, count=1)
        return Draft(surrounded(f"{wrong} [{number}].", seen, chance), ((wrong,),))
    fact = some_fact(seen, chance)
    text, lie = _lie(fact, near_miss(fact.value, chance, seen), chance)
    return Draft(surrounded(text, seen, chance), (lie,))


def _swaps(seen: Seen, chance: random.Random) -> Draft:
    pair = two_facts(seen, chance)
    if pair is None:
        return _invents(seen, chance)
    one, other = pair
    marks = chance.choice([f"[{one.number}]", f"[{other.number}]", f"[{one.number}][{other.number}]"])
    first, lie = _lie(one, other.value, chance, marks)
    second, mirrored = _lie(other, one.value, chance, marks)
    return Draft(surrounded(f"{first} {second}", seen, chance), (lie, mirrored))


def _converts(seen: Seen, chance: random.Random) -> Draft:
    fact = some_fact(seen, chance)
    number, unit = figure_of(fact.value)
    factor = chance.choice([10, 100, 10_000, 1.024, 8, 1 / 8]) * (1000 if unit in ("TB", "TB/s", "PFLOPS") else 0.001)
    smaller = {"TB": "GB", "TB/s": "GB/s", "PFLOPS": "TFLOPS"}
    larger = {"GB": "TB", "GB/s": "TB/s", "TFLOPS": "PFLOPS", "W": "kW", "MB": "GB", "GiB": "TiB", "MHz": "GHz"}
    wrong = f"{_print(number * factor)} {smaller.get(unit) or larger.get(unit, unit)}"
    if wrong.split(maxsplit=1)[0] in seen.text or factor in (1.024, 1.024 * 1000, 1.024 / 1000):
        wrong = near_miss(fact.value, chance, seen)
    said = chance.choice([wrong, f"{fact.value} (that is, {wrong})"])
    text, lie = _lie(fact, said, chance)
    return Draft(surrounded(text, seen, chance), (lie,))


def _cites_unknown(seen: Seen, chance: random.Random) -> Draft:
    fact = some_fact(seen, chance)
    beyond = max(seen.numbers, default=0) + chance.randint(1, 90)
    mark = chance.choice(["[{}]", "[^{}]", "【{}】", "[{0}, {0}]", "[ {} ]", "[{}]", "［{}］"]).format(beyond)
    text, lie = _lie(fact, near_miss(fact.value, chance, seen), chance, mark)
    own = true_sentence(fact, chance).replace(f"[{fact.number}]", f"[{fact.number}]{mark}")
    return Draft(chance.choice([text, f"{text} {own}", f"{own} {text}"]), (lie,))


def _cites_wrong(seen: Seen, chance: random.Random) -> Draft:
    fact = some_fact(seen, chance)
    others = [other.number for other in seen.facts if other.product != fact.product and fact.value not in other.value]
    if not others:
        return _cites_unknown(seen, chance)
    text, lie = _lie(fact, fact.value, chance, f"[{chance.choice(others)}]")
    return Draft(text, (lie,))


def _omits(seen: Seen, chance: random.Random) -> Draft:
    fact = some_fact(seen, chance)
    true, wrong = _say(fact, fact.value, chance), _say(fact, near_miss(fact.value, chance, seen), chance)
    return Draft(f"{true}. {wrong}.", ((true,), (wrong,)))


def _html(seen: Seen, chance: random.Random) -> Draft:
    fact = some_fact(seen, chance)
    wrong = near_miss(fact.value, chance, seen)
    true = true_sentence(fact, chance)
    text = chance.choice(
        [
            f"<script>document.write('{wrong}')</script>{true}",
            f"{true}<img src=x alt='{wrong}' onerror=alert(1)>",
            f"<b title='{wrong}'>{true}</b>",
            f"<table><tr><td>{fact.product}</td><td>{wrong}</td></tr></table>\n\n{true}",
            f"{true} <!-- {wrong} -->",
            f"<p>The {fact.product} has {wrong} [{fact.number}].</p>",
            f"{true} <details><summary>{wrong}</summary></details>",
            f"<svg><text>{wrong}</text></svg> {true}",
        ]
    )
    return Draft(text, (("<script",), ("<img",), ("<table",), ("<svg",), ("<b ",), ("<details",), (wrong,)))


def _nothing(seen: Seen, chance: random.Random) -> Draft:  # noqa: ARG001 - all kinds are called alike
    return Draft(chance.choice(["", " \n", "\n\n\n", "<think>hm</think>", "\u200b"]))


def _dies(seen: Seen, chance: random.Random) -> Draft:
    return Draft(_cut(seen, chance), ending="die")


def _hangs(seen: Seen, chance: random.Random) -> Draft:
    return Draft(_cut(seen, chance), ending="hang")


def _cut(seen: Seen, chance: random.Random) -> str:
    text = f"{true_sentence(some_fact(seen, chance), chance)} {true_sentence(some_fact(seen, chance), chance)}"
    return text[: chance.randrange(1, len(text))]


def _wrong_unit(seen: Seen, chance: random.Random) -> Draft:
    fact = some_fact(seen, chance)
    number, unit = figure_of(fact.value)
    text, lie = _lie(fact, f"{_print(number)} {_OTHER_UNIT.get(unit, 'GB')}", chance)
    return Draft(surrounded(text, seen, chance), (lie,))


def _wrong_basis(seen: Seen, chance: random.Random) -> Draft:
    based = [fact for fact in seen.facts if fact.basis in ("dense", "sparse")]
    if not based:
        return _swaps(seen, chance)
    fact = chance.choice(based)
    other = "sparse" if fact.basis == "dense" else "dense"
    both = {one.value for one in based if one.basis == other and one.product == fact.product}
    if fact.value in both:
        return _invents(seen, chance)
    value = chance.choice([f"{fact.value} ({other})", f"{fact.value} {other}", f"{other} {fact.value}"])
    text, lie = _lie(fact, value, chance)
    return Draft(text, (lie,))


def _table(seen: Seen, chance: random.Random) -> Draft:
    pair = two_facts(seen, chance)
    if pair is None:
        fact = some_fact(seen, chance)
        wrong = near_miss(fact.value, chance, seen)
        rows = f"| {fact.product} | {fact.value} [{fact.number}] |\n| {fact.product} | {wrong} [{fact.number}] |"
        return Draft(f"| Product | {fact.attribute} |\n|---|---|\n{rows}\n", ((wrong,),))
    one, other = pair
    if chance.random() < 0.5:
        head = f"| Product | {one.attribute} |\n|---|---|\n"
        rows = f"| {one.product} | {other.value} [{one.number}] |\n| {other.product} | {one.value} [{other.number}] |\n"
        return Draft(head + rows, ((f"| {one.product}", other.value), (f"| {other.product}", one.value)))
    head = f"| Attribute | {one.product} | {other.product} |\n|---|---|---|\n"
    cells = f"{other.value} [{other.number}] | {one.value} [{one.number}]"
    return Draft(f"{head}| {one.attribute} | {cells} |\n", ((f"| {one.attribute} | {other.value}", one.value),))


def _list(seen: Seen, chance: random.Random) -> Draft:
    pair = two_facts(seen, chance)
    if pair is None:
        return _invents(seen, chance)
    one, other = pair
    head = chance.choice([f"## {one.product}\n\n", f"**{one.product}**:\n\n", f"{one.product}:\n\n"])
    item = f"- {other.attribute}: {other.value} [{chance.choice([one.number, other.number])}]\n"
    own = f"- {one.attribute}: {one.value} [{one.number}]\n"
    items = chance.choice([item, item + own, own + item])
    return Draft(head + items, ((f"{other.attribute}: {other.value}",),))


def _disguised(seen: Seen, chance: random.Random) -> Draft:
    fact = some_fact(seen, chance)
    number, unit = figure_of(near_miss(fact.value, chance, seen))
    digits = _print(number)
    wide = digits.translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    arabic = digits.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    bold = digits.translate(str.maketrans("0123456789", "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗"))
    upper = digits.replace(",", "").translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
    forms = (
        f"{wide} {unit}", f"{arabic} {unit}", f"{bold} {unit}", f"{upper} {unit}", f"**{digits}** {unit}",
        f"{digits}&nbsp;{unit}", f"{digits}\u202f{unit}", f"{digits[0]}\u200b{digits[1:]} {unit}", f"`{digits} {unit}`",
        f"${digits}$ {unit}", f"\\({digits}\\) {unit}", f"{digits}-{unit}", f"~~{digits}~~ {unit}",
        f"&#x{ord(digits[0]):x};{digits[1:]} {unit}", f"{chance.choice(_WORDS)} {unit}",
        f"{digits[:1]}*{digits[1:]}* {unit}", f"[{digits} {unit}](https://example.org)", f"{digits}e0 {unit}",
        f"½ {unit}", f"{digits}\n{unit}", f"①{digits} {unit}", f"九百 {unit}", f"{digits}{unit.lower()}",
        f"≈{digits} {unit}", f"{digits}+ {unit}", f"XCVII {unit}", f"two dozen {unit}", f"0x{int(number) + 1:x} {unit}",
        f"{digits} thousand {unit}",
    )  # fmt: skip
    value = chance.choice(forms)
    text, _ = _lie(fact, value, chance)
    return Draft(surrounded(text, seen, chance), ((value,),))


def _elsewhere(seen: Seen, chance: random.Random) -> Draft:
    fact = some_fact(seen, chance)
    wrong, true = near_miss(fact.value, chance, seen), true_sentence(fact, chance)
    text = chance.choice(
        [
            f"# {fact.product} with {wrong}\n\n{true}",
            f"```\n{fact.attribute}: {wrong}\n```\n\n{true}",
            f"{true} ![{wrong}](https://example.org/{wrong.split()[0]}.png)",
            f"{true} [source: {wrong}](https://example.org)",
            f"> {wrong} [{fact.number}]\n\n{true}",
            f"{true} (Compare: {wrong}.)",
            f"{true}\n\n[^1]: {wrong}",
            f"{true}\n\n[{fact.number}]: https://example.org \"{wrong}\"",
            f"Summary, {wrong}:\n\n- {true}",
            f"1. {true}\n2. {wrong}\n",
            f"{true} I am sure that it is {wrong}.",
            f"{true.removesuffix('.')}, not {wrong}.",
            f"{true.removesuffix('.')}; others say {wrong}.",
            f"{true} Hence {wrong} [{fact.number}].",
            f"The documents do not say {wrong}. {true}",
            f"The documents hold no answer, but {wrong} is known. {true}",
            f"---\ntitle: {wrong}\n---\n\n{true}",
            f"{true}\n\n<{wrong}>",
        ]
    )  # fmt: skip
    return Draft(text, ((wrong,),))


def _goes_on(seen: Seen, chance: random.Random) -> Draft:
    pair = two_facts(seen, chance)
    if pair is None:
        fact = some_fact(seen, chance)
        wrong = near_miss(fact.value, chance, seen)
        return Draft(
            f"{true_sentence(fact, chance)} It also has {wrong} [{fact.number}].", ((f"It also has {wrong}",),)
        )
    one, other = pair
    follow = chance.choice(
        [
            f"It offers {other.value} [{other.number}]",
            f"Its {one.attribute} is {other.value} [{one.number}][{other.number}]",
            f"Both have {other.value} [{one.number}][{other.number}]",
            f"The former has {other.value} [{other.number}]",
            f"The same card reaches {other.value} [{other.number}]",
            f"They have {one.value} each [{one.number}][{other.number}]",
        ]
    )
    lie = re.sub(r" ?\[\d+\]", "", follow)
    return Draft(f"{true_sentence(one, chance)} {follow}.", ((lie,),))


def _reverses(seen: Seen, chance: random.Random) -> Draft:
    pair = two_facts(seen, chance)
    if pair is None:
        return _invents(seen, chance)
    one, other = sorted(pair, key=lambda fact: figure_of(fact.value)[0])
    marks = f"[{one.number}][{other.number}]"
    attribute = one.attribute
    said = chance.choice(
        [
            f"The {one.product} has a higher {attribute} than the {other.product}",
            f"The {one.product} beats the {other.product} in {attribute}, with {one.value} against {other.value}",
            f"The {other.product} has a lower {attribute} than the {one.product}",
            f"With {one.value} the {one.product} has more {attribute} than the {other.product} with {other.value}",
            f"The {one.product} has the highest {attribute}",
            f"The {one.product} and the {other.product} have the same {attribute}",
        ]
    )
    return Draft(f"{said} {marks}.", ((said,),))


def _multiplies(seen: Seen, chance: random.Random) -> Draft:
    pair = two_facts(seen, chance)
    if pair is None:
        return _converts(seen, chance)
    one, other = sorted(pair, key=lambda fact: -figure_of(fact.value)[0])
    ratio = figure_of(one.value)[0] / max(figure_of(other.value)[0], 1e-9)
    wrong = ratio * chance.choice([1.3, 1.6, 2, 5])
    more = (ratio - 1) * 100 * chance.choice([1.3, 2, 4])
    gap = near_miss(one.value, chance, seen)
    said = chance.choice(
        [
            f"The {one.product} has {wrong:.1f} times the {one.attribute} of the {other.product}",
            f"The {one.attribute} of the {one.product} is {wrong:.1f}× that of the {other.product}",
            f"The {one.product} has {more + 30:.0f} % more {one.attribute} than the {other.product}",
            f"The {one.product} has {gap} more {one.attribute} than the {other.product}",
        ]
    )
    return Draft(f"{said} [{one.number}][{other.number}].", ((said,),))


def _ranges(seen: Seen, chance: random.Random) -> Draft:
    fact = some_fact(seen, chance)
    number, unit = figure_of(fact.value)
    value = chance.choice(
        [
            f"{_print(number * 1.2)}–{_print(number * 1.9)} {unit}",
            f"between {_print(number * 0.3)} and {_print(number * 0.7)} {unit}",
            f"more than {_print(number * 1.5)} {unit}",
            f"less than {_print(number * 0.6)} {unit}",
            f"up to {_print(number * 2 + 1)} {unit}",
            f"not {fact.value}",
            f"{_print(number * 2 + 1)} to {_print(number * 3 + 1)} {unit}",
            f"about {_print(number * 1.3)} {unit}",
        ]
    )
    text, lie = _lie(fact, value, chance)
    return Draft(surrounded(text, seen, chance), (lie,))


DRAFTS: dict[str, Callable[[Seen, random.Random], Draft]] = {
    "invents a figure": _invents,
    "swaps products' figures": _swaps,
    "converts wrongly": _converts,
    "cites [9]": _cites_unknown,
    "cites the wrong item": _cites_wrong,
    "omits citations": _omits,
    "emits HTML": _html,
    "returns nothing": _nothing,
    "dies mid-stream": _dies,
    "hangs": _hangs,
    "takes another unit": _wrong_unit,
    "swaps dense and sparse": _wrong_basis,
    "swaps cells of a table": _table,
    "lists another's figures under a name": _list,
    "disguises a figure": _disguised,
    "puts a figure elsewhere": _elsewhere,
    "goes on with `it` and `both`": _goes_on,
    "reverses a comparison": _reverses,
    "multiplies wrongly": _multiplies,
    "widens to a false range": _ranges,
}


def survivors(drafts: Sequence[Draft], text: str) -> list[str]:
    """The lies of the drafts that stand in the text, marks and emphasis left out."""
    lines = [_plain(line) for line in text.split("\n")] + [_plain(text)]
    return [
        " … ".join(lie)
        for draft in drafts
        for lie in draft.lies
        if any(all(_plain(part) in line for part in lie) for line in (lines[:-1] if len(lie) > 1 else lines))
    ]


def _plain(text: str) -> str:
    return " ".join(re.sub(r"\s*\[\d+\]|\*\*", "", text).split())
