"""What a sentence says beside its figures: each word that carries meaning must have its like in the cited source.

Shared words decide, and for the rest the similarity of single words: `efficient` is close to `efficiency`, `quietest` to
`sound`. The similarity of whole sentences does not tell true from false here: of 34 false sentences without figures
seven were as similar to their source as half of the true ones (*has a carbon frame*, *is fixed in the frame*: 0.72).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from hwqa.grounding.figures import content_words, is_among
from hwqa.grounding.wording import FIELD_TERMS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Encode = Callable[[Sequence[str]], "NDArray[np.float32]"]
"""Vectors of texts, n × dimension, of length 1."""

WORD_BAR = 0.65
"""Cosine similarity at which a word of the source stands for one of the sentence."""
_MOST_HELD = 200
"""Words of the source that a word is compared with."""
_WORD = re.compile(r"[^\W\d_][^\W_]*(?:['’-][^\W_]+)*")
_LIGHT = frozenset(
    # verbs that join a figure or a property to what has it
    "accord add allow amount answer appear apply arrive ask base be become begin belong bring build call carry claim come "
    "compare concern consist contain correspond cost count deliver describe depend differ do double draw drop equal "
    "exceed exist expect explain fall find fit follow get give go grow happen have hit hold include increase indicate "
    "keep know lag lead let lie list look make match may mean measure mention name need note occur offer own pay place "
    "provide publish put quote range rank rate rated reach read receive record refer remain report require rise run say see "
    "sell serve set share show sit specify stand start state stay stem sum take talk tell think total trail triple use "
    "vary want weigh work write came goes went ran took gave held made found said told known shown listed given taken fell "
    "rose grew got stood lay sold paid kept brought beat beats outperform surpass undercut "
    # words that count, compare and lead through a text
    "about above actually additional again ahead all almost among alone along already also altogether although always another "
    "answer any apart approximate approximately around aside average away back because behind below beside besides best "
    "better between beyond big bigger biggest both bottom brief broad but cheap cheaper cheapest clear clearly close "
    "combined common comparable comparison contrast costlier dear dearer difference different direct directly each "
    "either else enough equally especially even ever every exact exactly example expensive extra fact factor fair far "
    "farther fast faster fastest few fewer fewest figure final finally first fold former fourth free full further "
    "furthermore general generally good great greater greatest half hand hardly heavier heaviest heavy hence here high "
    "higher highest however identical important increase indeed information instead interest just kind known large "
    "larger largest last late later latter lead least less light lighter lightest likewise little long longer longest "
    "loose lot loud louder loudest low lower lowest main mainly major many margin mark matter meanwhile mid more "
    "moreover most mostly much namely narrow narrower near nearly new newer newest next nice no none note nothing "
    "number numerous old older oldest once one only opposite order other otherwise out overall own part particular "
    "particularly per percent percentage plain point possible precisely present previous purpose quarter question "
    "quick quicker quickly quiet quieter quietest quite rather ratio real really reason regard relative respect result "
    "respectively right rough roughly same second secondly separate short shorter shortest side significant "
    "significantly similar similarly simple simply single slight slightly slow slower slowest slowly small smaller "
    "smallest so some something somewhat sort standard still strong stronger strongest sum summary sure table tall "
    "taller term text therefore thing third though thrice thus tie time times together too top total toward true twice "
    "two three four five six seven eight nine ten twelve dozen hundred thousand million billion trillion "
    "typical under unit unlike up upper value various version view way well while whole wide wider widest with "
    "within without worse worst yes yet "
    # what everything in documents about devices is called, and the units it is measured in
    "board card chip device document evidence gpu hardware item machine member model module part processor product "
    "row section sheet source specification spec system variant accelerator advantage disadvantage attribute property "
    "sparse sparsity dense test benchmark favour favor tdp "
    "throughput performance compute speed stack limit "
    "feature data detail drawback strength weakness downside upside pro con "
    "day hour minute month second week year watt token gigabyte terabyte byte bit dollar euro "
    "january february march april may june july august september october november december "
    "th st nd rd".split()
)
_LIGHT_STEMS = frozenset(stem for word in _LIGHT for stem in content_words(word)) | _LIGHT


def unsaid_words(
    text: str, taken: Sequence[tuple[int, int]], held: Sequence[str], encode: Encode, *, bar: float = WORD_BAR
) -> list[str]:
    """The words of a sentence that neither occur in the source nor have their like there, in order.

    Args:
        text: The sentence, without marks.
        taken: What is checked otherwise: its figures and the names of products.
        held: The statements that it may rest on, with their headings.
        encode: Vectors of words.
        bar: Least similarity of a word's like.
    """
    stems = frozenset().union(*(content_words(each) for each in held))
    missing = [word for word, own in _heavy(text, taken) if not all(is_among(stem, stems) for stem in own)]
    missing = [word for word in dict.fromkeys(missing) if word.casefold() not in _LIGHT and word not in FIELD_TERMS]
    if not missing:
        return []
    near = _words("\n".join(held))
    if not near:
        return missing
    vectors = encode([word.casefold() for word in missing] + list(near))
    best = (vectors[: len(missing)] @ vectors[len(missing) :].T).max(axis=1)
    return [word for word, similarity in zip(missing, best, strict=True) if similarity < bar]


def heavy_stems(text: str, taken: Sequence[tuple[int, int]]) -> frozenset[str]:
    """The stems of a sentence that carry its meaning: all but names and those that join, count and compare."""
    return frozenset(
        stem for word, own in _heavy(text, taken) for stem in own if not word[0].isupper() or text.startswith(word)
    )


def _heavy(text: str, taken: Sequence[tuple[int, int]]) -> Iterator[tuple[str, list[str]]]:
    for match in _WORD.finditer(text):
        if any(start < match.end() and match.start() < end for start, end in taken):
            continue
        own = [stem for stem in content_words(match[0]) if stem not in _LIGHT_STEMS]
        if own:
            yield match[0], own


@lru_cache(maxsize=256)
def _words(text: str) -> tuple[str, ...]:
    """The words of a text that carry meaning, each once, the first ones."""
    words = dict.fromkeys(match[0].casefold() for match in _WORD.finditer(text) if content_words(match[0]))
    return tuple(words)[:_MOST_HELD]
