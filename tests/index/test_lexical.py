"""The tokens of a text, and the search by words."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwqa.errors import IndexingError
from hwqa.lexical import LexicalIndex, tokenize


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("MI300X", ["mi300x", "mi300", "300"]),
        ("TPU v5e", ["tpu", "v5e", "v5", "tpuv5e"]),
        ("80GB", ["80gb", "80", "gb"]),
        ("80 GB", ["80", "gb", "80gb"]),
        ("4.8 TB/s", ["4.8", "tb/s", "tb"]),
        ("1,513 TFLOPS", ["1513", "tflop", "1513tflop"]),
        ("llama.cpp", ["llama.cpp", "llama", "cpp"]),
        ("FP8", ["fp8"]),
        ("H100-SXM5", ["h100-sxm5", "h100", "100", "sxm5", "sxm"]),
        ("snake_case", ["snake_case", "snake", "case"]),
        ("GPUs", ["gpu"]),
        ("the card's batteries", ["the", "card", "batteri"]),
        ("C++ or C#", ["c++", "or", "c#"]),
        ("８０ＧＢ", ["80gb", "80", "gb"]),
        ("頻寬高", ["頻寬", "寬高"]),
        ("快", ["快"]),
        ("", []),
        ("– … |", []),
    ],
)
def test_tokens(text: str, tokens: list[str]) -> None:
    assert tokenize(text) == tokens


@given(st.text())
def test_any_text_has_tokens_that_are_findable(text: str) -> None:
    tokens = tokenize(text)
    assert all(token and token == token.casefold() and not any(map(str.isspace, token)) for token in tokens)
    if tokens:
        assert [name for name, _ in LexicalIndex.build(["a"], [text]).search(text, 1)] == ["a"]


TEXTS = {
    "h100": "The H100-SXM5 has 80 GB of HBM3 at 3,350 GB/s.",
    "mi300x": "MI300X: 192GB, FP8 peak 2,614.9 TFLOPS.",
    "tpu": "TPU v5e pods; JAX on TPUv5p.",
    "software": "llama.cpp runs on many devices.",
    "rtx": "The RTX 4090 is a desktop card.",
}


@pytest.fixture
def index(tmp_path: Path) -> LexicalIndex:
    LexicalIndex.build(list(TEXTS), TEXTS.values()).save(tmp_path / "lexical")
    return LexicalIndex.open(tmp_path / "lexical")


@pytest.mark.parametrize(
    ("query", "best"),
    [
        ("80GB", "h100"), ("80 GB", "h100"), ("h100", "h100"), ("SXM5", "h100"), ("H100 SXM5", "h100"),
        ("3350 GB/s", "h100"), ("mi300x", "mi300x"), ("MI 300X", "mi300x"), ("192 GB", "mi300x"), ("fp8", "mi300x"),
        ("FP 8", "mi300x"), ("MI300", "mi300x"), ("v5e", "tpu"), ("TPUv5e", "tpu"), ("tpu v5p", "tpu"),
        ("llama.cpp", "software"), ("llama cpp", "software"), ("device", "software"), ("4090", "rtx"),
        ("RTX4090", "rtx"),
    ],
)  # fmt: skip
def test_readers_spellings_find_writers_spellings(index: LexicalIndex, query: str, best: str) -> None:
    assert index.search(query, 1)[0][0] == best


def test_scores_fall_and_only_matches_are_returned(index: LexicalIndex) -> None:
    found = index.search("80 GB GPU with FP8", 10)
    assert [score for _, score in found] == sorted((score for _, score in found), reverse=True)
    assert {name for name, _ in found} < set(TEXTS)
    assert all(score > 0 for _, score in found)
    assert index.search("nothing whatsoever", 10) == []
    assert index.search("", 10) == []


def test_ties_stand_in_the_order_of_the_texts() -> None:
    names = [f"{number:03d}" for number in range(50)]
    index = LexicalIndex.build(names, ["equal text"] * 50)
    assert [name for name, _ in index.search("equal", 5)] == names[:5]


@pytest.mark.parametrize("texts", [[], [""], ["", "…"]])
def test_an_index_of_nothing_finds_nothing(tmp_path: Path, texts: list[str]) -> None:
    LexicalIndex.build([str(number) for number in range(len(texts))], texts).save(tmp_path)
    assert LexicalIndex.open(tmp_path).search("word", 3) == []


def test_a_damaged_index_says_what_to_do(tmp_path: Path, index: LexicalIndex) -> None:
    for name in ("words.npy", "ids.npy"):
        (tmp_path / "lexical" / name).write_text("{")
        with pytest.raises(IndexingError, match="delete the index folder and run `hwqa index`"):
            LexicalIndex.open(tmp_path / "lexical")


def test_a_search_compiles_nothing() -> None:
    code = (
        "import sys\nfrom hwqa.lexical import LexicalIndex\nLexicalIndex.build(['a'], ['b']).search('b', 1)\n"
        "print([name for name in ('numba', 'jax', 'torch') if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def _bm25(query: list[str], texts: list[list[str]]) -> list[float]:
    """BM25 by its definition: Robertson's term weight, Lucene's idf, k1 = 1.5, b = 0.75."""
    mean = sum(map(len, texts)) / len(texts)
    scores = []
    for text in texts:
        score = 0.0
        for word in query:
            held = sum(word in other for other in texts)
            if word in text:
                count = text.count(word)
                idf = math.log(1 + (len(texts) - held + 0.5) / (held + 0.5))
                score += idf * count / (count + 1.5 * (0.25 + 0.75 * len(text) / mean))
        scores.append(score)
    return scores


WORDS = st.sampled_from(["hbm", "pcie", "tdp", "nvlink", "fp", "die"])
TEXT = st.lists(WORDS, max_size=12)


@given(st.lists(TEXT, min_size=1, max_size=8), st.lists(WORDS, max_size=4))
def test_scores_are_those_of_the_definition(texts: list[list[str]], query: list[str]) -> None:
    names = [str(number) for number in range(len(texts))]
    found = dict(LexicalIndex.from_tokens(names, dict(zip(names, texts, strict=True))).search(" ".join(query), 99))
    expected = dict(zip(names, _bm25(query, texts), strict=True)) if any(texts) else {}
    assert found == pytest.approx({name: score for name, score in expected.items() if score > 0}, rel=1e-5)


@given(st.dictionaries(st.sampled_from("abcdef"), TEXT), st.dictionaries(st.sampled_from("defghi"), TEXT), st.data())
def test_an_index_that_was_changed_answers_as_one_made_anew(
    before: dict[str, list[str]], after: dict[str, list[str]], data: st.DataObject
) -> None:
    after |= {name: text for name, text in before.items() if name in after}  # what stays has the same words
    names = data.draw(st.permutations(list(after)))
    changed = LexicalIndex.from_tokens(names, after, LexicalIndex.from_tokens(list(before), before))
    anew = LexicalIndex.from_tokens(names, after)
    for query in ("hbm", "pcie tdp", "nvlink fp die", "die die"):
        assert changed.search(query, 99) == anew.search(query, 99)
        assert changed.terms(query) == anew.terms(query)
