"""A cross-encoder of the real format, with weights that nobody trained."""

from pathlib import Path

import pytest

from hwqa.assistant import Assistant
from hwqa.config import Settings
from hwqa.errors import EmbedderError
from hwqa.reranking import DEPTH, open_reranker, reranked
from hwqa.retrieval import retrieve
from hwqa.search import Scored


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import torch  # noqa: PLC0415 - takes seconds
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizer  # noqa: PLC0415 - takes seconds

    path = tmp_path_factory.mktemp("reranker")
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"abcdefghijklmnopqrstuvwxyz0123456789"]
    (path / "vocab.txt").write_text("\n".join(words + [f"##{word}" for word in words[5:]]))
    BertTokenizer(str(path / "vocab.txt")).save_pretrained(path)
    shape = BertConfig(
        vocab_size=2 * len(words) - 5, hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=16, num_labels=1, max_position_embeddings=512,
        initializer_range=1.0,  # the usual 0.02 would give every text nearly the same score
    )  # fmt: skip
    torch.manual_seed(0)
    BertForSequenceClassification(shape).save_pretrained(path)
    return path


def found(assistant: Assistant, question: str) -> Scored:
    query = assistant.reader.read(question)
    return retrieve(assistant.index, query, assistant._embedder.encode_query(query.text)).scored


def test_a_cross_encoder_of_a_folder_scores_texts(folder: Path) -> None:
    rerank = open_reranker(str(folder))
    scores = rerank("how much memory", ["80 GB", "a fan", "80 GB"])
    assert len(scores) == 3
    assert scores[0] == pytest.approx(scores[2])
    assert scores[0] != pytest.approx(scores[1])


def test_the_first_chunks_stand_in_the_rerankers_order_with_the_scores_dealt_out_anew(assistant: Assistant) -> None:
    before = found(assistant, "does it need a fan?")
    after = reranked(before, "does it need a fan?", lambda _, texts: list(range(len(texts))))
    first = list(before.chunks)[:DEPTH]
    assert list(after.chunks)[: len(first)] == first[::-1]
    assert list(after.chunks)[len(first) :] == list(before.chunks)[len(first) :]
    scores = [after.scores[name] for name in after.chunks]
    assert scores == sorted(scores, reverse=True)
    assert sorted(scores) == sorted(before.scores.values())


def test_the_setting_changes_what_is_found(assistant: Assistant, folder: Path) -> None:
    settings = Settings.load(**{**assistant.settings.model_dump(), "reranker": str(folder)})
    other = Assistant(assistant.index, assistant._embedder, settings)
    question = "does it need a fan?"
    plain = [passage.chunk_ids for passage in assistant.search(question, 5)]
    assert [passage.chunk_ids for passage in other.search(question, 5)] != plain


def test_a_missing_reranker_is_named_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(EmbedderError, match="give the folder of a downloaded cross-encoder"):
        open_reranker(str(tmp_path / "none"))
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(EmbedderError, match="cannot be loaded"):
        open_reranker(str(tmp_path))
