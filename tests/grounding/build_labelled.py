"""Builds `labelled.jsonl`: sentences with evidence, true or false, from a file of facts and from `written.txt`.

    python tests/grounding/build_labelled.py FACTS.jsonl

FACTS holds one JSON object a line: product, aliases, attribute, value, unit, basis. Development and held-out halves
share neither products nor phrasings: whoever tunes the gate looks at the first half alone.
"""

from __future__ import annotations

import json
import random
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ATTRIBUTES: dict[str, tuple[str, str, str]] = {
    # attribute of the facts → label in the documents, word in a sentence, what more of it is called
    "memory_capacity": ("Memory capacity", "memory", "more memory|less memory"),
    "memory_bandwidth": ("Memory bandwidth", "memory bandwidth", "more memory bandwidth|less memory bandwidth"),
    "power": ("Power", "power", "a higher power draw|a lower power draw"),
    "peak_fp16_tflops": ("FP16 peak", "FP16 throughput", "higher FP16 throughput|lower FP16 throughput"),
    "peak_bf16_tflops": ("BF16 peak", "BF16 throughput", "higher BF16 throughput|lower BF16 throughput"),
    "peak_fp8_tflops": ("FP8 peak", "FP8 throughput", "higher FP8 throughput|lower FP8 throughput"),
    "peak_int8_tops": ("INT8 peak", "INT8 throughput", "higher INT8 throughput|lower INT8 throughput"),
    "die_size": ("Die size", "die", "a larger die|a smaller die"),
    "memory_bus_width": ("Memory bus width", "memory bus", "a wider memory bus|a narrower memory bus"),
    "cloud_price_per_hour": ("Cloud price", "cloud price", "a higher cloud price|a lower cloud price"),
    "msrp_estimate_usd": ("Price", "price", "a higher price|a lower price"),
    "release_date": ("Release", "release", ""),
    "on_chip_sram": ("On-chip SRAM", "on-chip SRAM", "more on-chip SRAM|less on-chip SRAM"),
    "process_node": ("Process", "process", ""),
}
UNITS = {"USD/GPU-hour": "$/h", "USD": "$", "mm2": "mm²"}
PHRASES = {
    "dev": {
        "one": [
            "The {a} has {word} of {v} {m}.",
            "{a}: {v} {m}.",
            "According to the documents, the {word} of the {a} is {v}{b} {m}.",
            "With {word} of {v}, the {a} is listed in the data sheet {m}.",
            "- **{a}**: {word} {v}{b} {m}",
        ],
        "two": [
            "The {a} has {word} of {v} {m}, the {c} {w} {n}.",
            "In {word}, the {a} stands at {v} against {w} for the {c} {m}{n}.",
            "{word} differs: {v} for the {a} {m} and {w} for the {c} {n}.",
        ],
        "more": [
            "The {a} has {more} than the {c} {m}{n}.",
            "The {a} has {more} than the {c}: {v} against {w} {m}{n}.",
            "Compared with the {c}, the {a} has {more} {m}{n}.",
        ],
        "ratio": [
            "The {a} has {p} % more {word} than the {c} {m}{n}.",
            "The {word} of the {a} is {x}× that of the {c} {m}{n}.",
        ],
    },
    "held_out": {
        "one": [
            "The {a} comes with {v} of {word} {m}.",
            "For the {a}, the sources give {v}{b} as its {word} {m}.",
            "{word} of the {a}: {v} {m}",
            "The {a}'s {word} amounts to {v}{b} {m}.",
            "At {v}, the {word} of the {a} is stated in the specifications {m}.",
        ],
        "two": [
            "While the {a} offers {v} of {word} {m}, the {c} offers {w} {n}.",
            "{a} vs {c}: {v} vs {w} of {word} {m}{n}.",
            "The {a} and the {c} have {word} of {v} and {w} respectively {m}{n}.",
        ],
        "more": [
            "The {c} trails the {a} in {word} {m}{n}.",
            "Next to the {c} with its {w}, the {a} with {v} has {more} {m}{n}.",
            "{more} is found in the {a} than in the {c} {m}{n}.",
        ],
        "ratio": [
            "The {a} offers {x} times the {word} of the {c} {m}{n}.",
            "In {word}, the {a} is {p} % above the {c} {m}{n}.",
        ],
    },
}


def number(value: float | int | str) -> str:
    if isinstance(value, str):
        return value
    return f"{value:,}" if isinstance(value, int) or value != int(value) else f"{int(value):,}"


class Fact:
    def __init__(self, record: dict[str, Any]) -> None:
        self.product: str = record["product"]
        self.aliases: list[str] = [alias for alias in record["aliases"] if len(alias) > 2]
        self.attribute: str = record["attribute"]
        self.value = record["value"]
        self.unit: str = UNITS.get(record["unit"] or "", record["unit"] or "")
        self.basis: str = record["basis"] or ""
        self.label, self.word, self.more = ATTRIBUTES[self.attribute]

    def shown(self, value: Any = None, unit: str = "") -> str:
        text, unit = number(self.value if value is None else value), unit or self.unit
        return f"${text}{unit[1:]}" if unit.startswith("$") else f"{text} {unit}".strip()

    def converted(self, rng: random.Random) -> str:
        """The figure as another writer would print it."""
        if self.unit == "GB/s" and self.value >= 1000:
            return f"{self.value / 1000:g} TB/s" if rng.random() < 0.7 else f"{number(self.value)}GB/s"
        if self.unit == "TFLOPS" and self.value >= 1000:
            return f"{self.value / 1000:g} PFLOPS" if rng.random() < 0.5 else self.shown()
        if self.unit == "TB/s":
            return f"{number(round(self.value * 1000, 6))} GB/s"
        if self.unit == "$/h":
            return f"${number(self.value)} per hour"
        return self.shown().replace(" ", "") if self.unit in ("GB", "W") and rng.random() < 0.4 else self.shown()

    def evidence(self, mark: int, *, row: bool) -> dict[str, Any]:
        basis = f"; Basis: {self.basis}" if self.basis else ""
        text = (
            f"Attribute: {self.label}; Value: {self.shown()}{basis}; Source: data sheet"
            if row
            else f"{self.product}; {self.label}: {self.shown()}{basis.replace('B', 'b', 1)}"
        )
        return {"number": mark, "trail": ["Accelerators", "Products", self.product], "text": text, "kind": "fact"}


def made(records: list[dict[str, Any]], rng: random.Random) -> Iterator[dict[str, Any]]:
    """Sentences from templates, and what goes wrong with them."""
    facts: dict[str, dict[tuple[str, str, str], list[Fact]]] = defaultdict(lambda: defaultdict(list))
    for record in records:
        if record["attribute"] in ATTRIBUTES and record.get("confidence") != "uncertain":
            dated = record["attribute"] in ("release_date", "process_node")
            if dated != isinstance(record["value"], str) and record["attribute"] != "process_node":
                continue
            if record["attribute"] == "process_node" and not record["unit"]:
                continue
            fact = Fact(record)
            facts[fact.product][fact.attribute, fact.unit, fact.basis].append(fact)
    plain = [name for name in sorted(facts) if len(facts[name]) >= 5]
    halves = {"dev": plain[::2], "held_out": plain[1::2]}
    for split, products in halves.items():
        singles = [
            group[0] for name in products for group in facts[name].values() if len({f.value for f in group}) == 1
        ]
        rng.shuffle(singles)
        phrases = PHRASES[split]
        for at, fact in enumerate(singles[:75]):
            b = f", {fact.basis}" if fact.basis else ""
            fields = {"a": fact.product, "word": fact.word, "b": b, "m": "[1]"}
            row = at % 2 == 0
            phrase = phrases["one"][at % len(phrases["one"])]
            value = fact.converted(rng)
            yield case(split, True, "figure", phrase.format(**fields, v=value), [fact.evidence(1, row=row)], [fact])
            kind, sentence, evidence, others = broken(fact, phrase, fields, singles, at, rng)
            yield case(split, False, kind, sentence, evidence, [fact, *others])
        yield from paired(split, singles, phrases, rng)


def broken(
    fact: Fact, phrase: str, fields: dict[str, str], pool: list[Fact], at: int, rng: random.Random
) -> tuple[str, str, list[dict[str, Any]], list[Fact]]:
    """One way in which the sentence goes wrong."""
    row = at % 2 == 0
    kinds = ["invented figure", "swapped product", "wrong citation", "wrong unit"]
    if fact.basis:
        kinds += ["wrong basis", "wrong basis"]
    if fact.attribute.startswith("peak"):
        kinds.append("wrong format")
    kind = kinds[at % len(kinds)]
    other = (
        next(
            f
            for f in pool[at + 1 :] + pool
            if f.product != fact.product and f.attribute == fact.attribute and f.value != fact.value
        )
        if sum(f.attribute == fact.attribute and f.product != fact.product and f.value != fact.value for f in pool)
        else None
    )
    if kind in ("swapped product", "wrong citation") and other is None:
        kind = "invented figure"
    evidence = [fact.evidence(1, row=row)]
    if kind == "swapped product" and other is not None:
        sentence = phrase.format(**{**fields, "a": other.product, "m": "[1][2]", "b": ""}, v=fact.converted(rng))
        return kind, sentence, [*evidence, other.evidence(2, row=row)], [other]
    if kind == "wrong citation" and other is not None:
        return (
            kind,
            phrase.format(**{**fields, "m": "[2]"}, v=fact.converted(rng)),
            [*evidence, other.evidence(2, row=row)],
            [other],
        )
    if kind == "wrong basis":
        wrong = {"dense": "sparse", "sparse": "dense"}[fact.basis]
        text = phrase.format(**{**fields, "b": f", {wrong}"}, v=fact.shown())
        return kind, text if wrong in text else text.replace(fact.shown(), f"{fact.shown()} ({wrong})"), evidence, []
    if kind == "wrong format":
        name = next(part for part in fact.word.split() if part[-1].isdigit())
        wrong = {"FP16": "FP8", "BF16": "FP4", "FP8": "FP16", "INT8": "INT4"}[name]
        text = phrase.format(**fields, v=fact.shown()).replace(name, wrong)
        return kind, text if wrong in text else text.replace(fact.shown(), f"{fact.shown()} in {wrong}"), evidence, []
    if kind == "wrong unit" and fact.unit in WRONG_UNITS:
        return kind, phrase.format(**fields, v=fact.shown(unit=WRONG_UNITS[fact.unit])), evidence, []
    if isinstance(fact.value, str):
        year = int(fact.value[:4]) if fact.value[:4].isdigit() else None
        value = f"{year + 1}{fact.value[4:]}" if year else "3 nm" if fact.value != "3 nm" else "4 nm"
        return "invented figure", phrase.format(**fields, v=value), evidence, []
    factor = rng.choice([0.5, 0.9, 1.1, 1.25, 2, 10])
    value = round(fact.value * factor, 2) if isinstance(fact.value, float) else round(fact.value * factor) or 3
    value = value + 1 if value == fact.value else value
    return "invented figure", phrase.format(**fields, v=fact.shown(value)), evidence, []


WRONG_UNITS = {
    "GB": "TB",
    "GB/s": "Gb/s",
    "TB/s": "GB/s",
    "W": "kW",
    "TFLOPS": "PFLOPS",
    "TOPS": "POPS",
    "MB": "GB",
    "nm": "mm",
}


def paired(split: str, pool: list[Fact], phrases: dict[str, list[str]], rng: random.Random) -> Iterator[dict[str, Any]]:
    """Sentences on two products, and their reversals."""
    groups: dict[tuple[str, str, str], list[Fact]] = defaultdict(list)
    for fact in pool:
        if fact.more:
            groups[fact.attribute, fact.unit, fact.basis].append(fact)
    pairs = []
    for group in groups.values():
        for first, second in zip(group[::2], group[1::2], strict=False):
            if first.product != second.product and first.value != second.value:
                pairs.append((first, second) if first.value > second.value else (second, first))
    rng.shuffle(pairs)
    for at, (high, low) in enumerate(pairs[:36]):
        row = at % 2 == 1
        evidence = [high.evidence(1, row=row), low.evidence(2, row=row)]
        more, less = high.more.split("|")
        fields = {"a": high.product, "c": low.product, "word": high.word, "m": "[1]", "n": "[2]", "more": more}
        v, w = high.shown(), low.shown()
        for name in ("two", "more", "ratio"):
            phrase = phrases[name][at % len(phrases[name])]
            share = high.value / low.value
            if name == "ratio" and not 1.02 < share < 20:
                continue
            numbers = {"v": v, "w": w, "p": round((share - 1) * 100), "x": f"{share:.2f}"}
            yield case(split, True, name, phrase.format(**fields, **numbers), evidence, [high, low])
            if name == "two":
                wrong, kind = phrase.format(**{**fields, **numbers, "v": w, "w": v}), "swapped number"
                if at % 3 == 0:
                    wrong, kind = phrase.format(**{**fields, **numbers, "m": "[2]", "n": "[1]"}), "wrong citation"
                    if "[1]" in wrong.split("[2]")[1][:4]:
                        wrong, kind = phrase.format(**{**fields, **numbers, "v": w, "w": v}), "swapped number"
            elif name == "more":
                turned = {"a": low.product, "c": high.product, "v": w, "w": v}
                wrong, kind = phrase.format(**{**fields, **numbers, **turned}), "reversed comparison"
                if at % 2 and "{more}" in phrase:
                    wrong = phrase.format(**{**fields, **numbers, "more": less})
            else:
                turned = {"a": low.product, "c": high.product}
                wrong, kind = phrase.format(**{**fields, **numbers, **turned}), "reversed comparison"
                if at % 2:
                    wrong = phrase.format(**{**fields, **numbers, "p": numbers["p"] + 17, "x": f"{share * 1.3:.2f}"})
                    kind = "invented figure"
            yield case(split, False, kind, wrong, evidence, [high, low])


def case(
    split: str, label: bool, kind: str, sentence: str, evidence: list[dict[str, Any]], facts: list[Fact]
) -> dict[str, Any]:
    sentence = sentence[0].upper() + sentence[1:]
    products = {fact.product: fact.aliases for fact in facts}
    return {
        "split": split,
        "origin": "made",
        "supported": label,
        "kind": kind,
        "sentence": sentence,
        "evidence": evidence,
        "products": products,
    }


def written(text: str) -> Iterator[dict[str, Any]]:
    """The cases of `written.txt`: groups of evidence (`@`), true (`+`) and false (`-`) sentences."""
    for group in text.split("\n\n"):
        lines = [line for line in group.splitlines() if line.strip() and not line.startswith("#")]
        if not lines:
            continue
        split = lines[0].strip("= ")
        evidence: list[dict[str, Any]] = []
        products: dict[str, list[str]] = {}
        for line in lines[1:]:
            sign, rest = line[0], line[1:].strip()
            if sign == "!":
                name, _, aliases = rest.partition(":")
                products[name.strip()] = [alias.strip() for alias in aliases.split(",") if alias.strip()]
            elif sign == "@":
                trail, _, quote = rest.partition(" :: ")
                kind = "passage"
                if quote.startswith("calculation "):
                    kind, quote = "calculation", quote.removeprefix("calculation ")
                evidence.append(
                    {
                        "number": len(evidence) + 1,
                        "trail": trail.split(" > "),
                        "text": quote.replace("\\n", "\n"),
                        "kind": kind,
                    }
                )
            else:
                kind, _, sentence = rest.partition(" | ") if sign == "-" else ("true", "", rest)
                yield {
                    "split": split,
                    "origin": "written",
                    "supported": sign == "+",
                    "kind": kind,
                    "sentence": sentence,
                    "evidence": evidence,
                    "products": products,
                }


def main() -> None:
    records = [json.loads(line) for line in Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()]
    same_every_time = random.Random(5)  # noqa: S311 - nothing secret depends on it
    cases = [*made(records, same_every_time), *written((HERE / "written.txt").read_text(encoding="utf-8"))]
    lines = [json.dumps({"id": f"{at:04d}", **entry}, ensure_ascii=False) for at, entry in enumerate(cases, start=1)]
    (HERE / "labelled.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
