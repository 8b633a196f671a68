"""The names that the documents use, learned when they are indexed: products, attributes, topics, headings."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hwqa.abbreviations import count
from hwqa.names import key, singular
from hwqa.schema import Fact
from hwqa.selection.figures import quantity_of, stands_at_home
from hwqa.words import content_words

if TYPE_CHECKING:
    from hwqa.index.records import DocumentRecord

VOCABULARY_FILE = "vocabulary-11.json"
"""What the vocabulary is called beside an index; another name when its form or its rules change."""
_SYNONYM_COLUMNS = {"alsocalled", "synonyms", "alsoknownas"}
"""Headers of the column in which a document lists other words for an attribute, as keys."""
_SHORT = 2
"""Letters of a word that is too short for the name of a family."""
_LEAST_FACTS = 4
"""Facts under a heading from which it counts as a product, where front matter names others."""
_LONGEST_NAME = 5
"""Words in the longest product name that is learned from a table."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The names that the documents use, learned when they are indexed."""

    products: Mapping[str, tuple[str, ...]]
    """First name of a product → all its names."""
    attributes: Mapping[str, tuple[str, ...]]
    """Name of an attribute → all its names."""
    kinds: Mapping[str, tuple[str, ...]]
    """Kind of thing, by the heading under which its attributes are listed → products of it; the first listed first."""
    units: Mapping[str, tuple[str, ...]]
    """Name of an attribute → the unit of its figures; attributes with most figures first."""
    topics: Mapping[str, tuple[str, ...]]
    """Word or phrase of a title, vendor or folder → paths of the documents."""
    headings: Mapping[str, tuple[str, ...]]
    """Key of a short heading → the heading as it is written in the documents."""
    abbreviations: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Short form → the long forms that the documents give for it, the commonest first."""

    @classmethod
    def learned(cls, records: Sequence[DocumentRecord], facts: Iterable[Fact]) -> Vocabulary:
        """What the documents of an index call things, from its records of them and their facts."""
        documents = [(record.path, record.title, record.vendor, record.aliases) for record in records]
        headings = [heading for record in records for path in record.headings for heading in path]
        abbreviations = [pair for record in records for pair in record.abbreviations]
        return cls.build(documents, facts, headings, abbreviations)

    @classmethod
    def build(
        cls,
        documents: Iterable[tuple[str, str, str, Mapping[str, Sequence[str]]]],
        facts: Iterable[Fact],
        headings: Iterable[str] = (),
        abbreviations: Iterable[tuple[str, str]] = (),
    ) -> Vocabulary:
        """Learn from `documents` (path, title, vendor, aliases), `facts`, `headings` and defined `abbreviations`.

        A product is what the front matter gives aliases for, or what a table describes. Other words for an attribute
        come from tables with a column such as "Also called".
        """
        products: dict[str, list[str]] = {}
        topics: dict[str, set[str]] = defaultdict(set)
        documents = list(documents)
        for path, title, vendor, aliases in documents:
            for product, others in aliases.items():
                names = products.setdefault(product, [product])
                names.extend(name for name in others if name not in names)
                if vendor and product.casefold().startswith(vendor.casefold() + " "):
                    names.append(product[len(vendor) + 1 :])
            for phrase in (title, vendor, *path.rpartition(".")[0].split("/")):
                for word in {phrase, *content_words(phrase.replace("-", " "))}:
                    if len(key(word)) > 1:
                        topics[word.casefold()].add(path)
        introduced = set(products)
        for number, holders in _numbers(products).items():
            if len(holders) == 1:
                products[holders.pop()].append(number)
        attributes: dict[str, list[str]] = {}
        described: dict[str, set[str]] = defaultdict(set)
        stated: dict[str, set[str]] = defaultdict(set)
        units: dict[str, Counter[str]] = defaultdict(Counter)
        at_home: Counter[str] = Counter()
        lists: dict[str, set[str]] = {}
        home: dict[str, set[str]] = defaultdict(set)
        facts = list(facts)
        # A document that lists words for attributes speaks of words; its tables describe no product.
        glossaries = {fact.path for fact in facts if key(fact.attribute) in _SYNONYM_COLUMNS}
        for fact in facts:
            if fact.path in glossaries and key(fact.attribute) not in _SYNONYM_COLUMNS:
                continue
            if (quantity := quantity_of(fact)) is not None and quantity.unit:
                units[fact.attribute][quantity.unit] += 1
            if key(fact.attribute) in _SYNONYM_COLUMNS:
                words = [word.strip() for word in fact.value.split(",")]
                attributes.setdefault(fact.product, [fact.product]).extend(word for word in words if word)
                lists.setdefault(fact.heading_path[-1] if fact.heading_path else "", set()).add(fact.product)
            else:
                described[fact.product].add(fact.attribute)
                stated[fact.attribute].add(fact.product)
            if stands_at_home(fact):
                at_home[fact.product] += 1
                home[fact.attribute].add(fact.product)
        taken = {key(name) for names in attributes.values() for name in names}
        listed = bool(attributes)
        for attribute, holders in stated.items():
            # Where a document lists the attributes, the columns of other tables may hold anything.
            named = len(home[attribute] if listed else holders) > 1
            if attribute not in attributes and key(attribute) not in taken and named:
                attributes[attribute] = [attribute]
        taken |= {key(name) for names in products.values() for name in names} | {key(word) for word in topics}
        taken |= {key(attribute) for attribute in attributes}
        declared = bool(products)
        for product, own in described.items():
            # Where front matter names the products, a table's first column may hold anything.
            named = at_home[product] >= _LEAST_FACTS if declared else _is_name(product)
            # Where the attributes are listed, what has none of them is a heading over items, and no product.
            named = named and (not listed or bool(own & attributes.keys()))
            if named and len(own) > 1 and key(product) not in taken:
                products[product] = [product]
        return cls(
            products={product: tuple(dict.fromkeys(names)) for product, names in products.items()},
            attributes={name: tuple(dict.fromkeys(names)) for name, names in attributes.items()},
            kinds=_kinds(lists, {product: described[product] for product in products}, introduced),
            units={
                name: (counts.most_common(1)[0][0],)
                for name, counts in sorted(units.items(), key=lambda item: -item[1].total())
                if name in attributes
            },
            topics=_with_families(topics, documents, attributes),
            headings={key(text): (text,) for text in headings if len(text.split()) <= _LONGEST_NAME and key(text)},
            abbreviations=count(abbreviations),
        )

    def to_bytes(self) -> bytes:
        """The vocabulary in a form that `from_bytes` reads."""
        content = {
            "products": self.products,
            "attributes": self.attributes,
            "kinds": self.kinds,
            "units": self.units,
            "topics": self.topics,
            "headings": self.headings,
            "abbreviations": self.abbreviations,
        }
        return json.dumps(content, ensure_ascii=False).encode()

    @classmethod
    def from_bytes(cls, content: bytes) -> Vocabulary:
        """The vocabulary that `to_bytes` wrote."""
        parts = {
            name: {value: tuple(names) for value, names in part.items()} for name, part in json.loads(content).items()
        }
        return cls(**parts)


def _kinds(
    lists: Mapping[str, set[str]], described: Mapping[str, set[str]], introduced: set[str]
) -> dict[str, tuple[str, ...]]:
    """List of attributes → the products that have most of theirs in it; those without any only if introduced."""
    kinds: dict[str, list[str]] = {name: [] for name in lists}
    for product, own in described.items() if lists else ():
        kind = max(lists, key=lambda name: len(own & lists[name]))
        if own & lists[kind] or product in introduced:
            kinds[kind].append(product)
    return {name: tuple(members) for name, members in kinds.items()}


def _with_families(
    topics: Mapping[str, set[str]],
    documents: Iterable[tuple[str, str, str, Mapping[str, Sequence[str]]]],
    attributes: Mapping[str, Sequence[str]],
) -> dict[str, tuple[str, ...]]:
    """The topics, and the words that several products of one document share and none of another: `GeForce`."""
    shared: dict[str, Counter[str]] = defaultdict(Counter)
    for path, _, _, aliases in documents:
        for product in aliases:
            for word in {word.casefold() for word in product.split() if word.isalpha() and len(word) > _SHORT}:
                shared[word][path] += 1
    said = {singular(word.casefold()) for names in attributes.values() for name in names for word in name.split()}
    found = {word: set(paths) for word, paths in topics.items()}
    for word, paths in shared.items():
        if len(paths) == 1 and paths.total() > 1 and word not in said:
            found.setdefault(word, set()).update(paths)
    return {word: tuple(sorted(paths)) for word, paths in found.items()}


def _numbers(products: Mapping[str, Sequence[str]]) -> dict[str, set[str]]:
    """Numbers of four or five digits in product names, as people say them alone, with the products that have them."""
    found: dict[str, set[str]] = defaultdict(set)
    for product, names in products.items():
        for word in {word for name in names for word in name.split()}:
            if word.isdigit() and 4 <= len(word) <= 5 and not 1900 <= int(word) <= 2100:
                found[word].add(product)
    return found


def _is_name(text: str) -> bool:
    """Whether a table's label may be a product's name: a few words, not a quantity and not a sentence."""
    return len(text.split()) <= _LONGEST_NAME and not text[0].isdigit() and any(map(str.isalpha, text))
