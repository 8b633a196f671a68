import pytest

from hwqa.abbreviations import Abbreviations, count, definitions
from hwqa.assistant import Assistant


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a mixture of experts (MoE) needs less", [("MoE", "mixture of experts")]),
        ("the KVC (key-value cache) grows", [("KVC", "key-value cache")]),
        ("**time to first token (TTFT)** matters", [("TTFT", "time to first token")]),
        ("large language models (LLMs)", [("LLMs", "large language models")]),
        ("it has 80 GB (HBM2e) and more (MI300X)", []),
        ("the card (see the NVIDIA page)", []),
        ("Overview of the chip (2024)", []),
    ],
)
def test_definitions(text: str, expected: list[tuple[str, str]]) -> None:
    assert list(definitions(text)) == expected


def test_the_commonest_long_form_comes_first() -> None:
    assert count([("SM", "b"), ("SM", "a"), ("SM", "a")]) == {"SM": ("a", "b")}


def test_a_question_is_searched_for_with_both_forms() -> None:
    known = Abbreviations({"MoE": ("mixture of experts",), "IT": ("information technology",), "SM": ("stream mill",)})
    assert known.expanded("memory of MoEs") == "memory of MoEs mixture of experts"
    assert known.expanded("Mixture-of-experts memory") == "Mixture-of-experts memory MoE"
    assert known.expanded("does it fit in an sm?") == "does it fit in an sm?"
    assert known.expanded("cores of an SM") == "cores of an SM stream mill"


def test_the_documents_teach_the_abbreviations(tmp_path_factory: pytest.TempPathFactory, assistant: Assistant) -> None:
    folder = tmp_path_factory.mktemp("abbreviations")
    (folder / "a.md").write_text("# Caches\n\nThe quick lookaside table (QLT) keeps rows.\n\n# Fans\n\nLoud.\n")
    (folder / "b.md").write_text("# Rows\n\nA QLT drops rows that nobody asks for after two hours.\n")
    other = Assistant.open(corpus=folder, index=folder / "index", settings=assistant.settings)
    query = other.reader.read("quick lookaside table")
    assert query.expanded == "quick lookaside table QLT"
    assert {chunk.path for chunk, _ in other.index.lexical(query.text, 5)} == {"a.md"}
    assert {chunk.path for chunk, _ in other.index.lexical(query.expanded, 5)} == {"a.md", "b.md"}
