"""Encoders: a batch of texts becomes vectors, by ONNX Runtime or by sentence-transformers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from hwqa.cores import usable_cores
from hwqa.errors import EmbedderError

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from onnxruntime import InferenceSession  # type: ignore[import-untyped]
    from tokenizers import Encoding, Tokenizer

OUTPUT = "sentence_vector"
"""Name of the exported graph's output: not `embedding`, which is an inner value of BERT's graph."""
_BATCH_TOKENS = 512
"""Padded tokens in one run of the encoder: enough to keep a core busy, little enough to stay in its cache.

With 1,024 it took 7 % longer, with 4,096 a quarter; see docs/benchmarks/speed.md.
"""
_SLOW_FUSIONS = ["SkipLayerNormFusion"]
"""Optimisations of ONNX Runtime that cost time: its fused sum and norm took 3 ms where the two apart take 1 ms."""


@dataclass(frozen=True, slots=True)
class EncoderCard:
    """What is known of a model without loading it; stands beside the exported encoder as `encoder.json`."""

    fingerprint: str
    max_tokens: int
    dimension: int
    inputs: tuple[str, ...]
    """Names of the encoder's inputs, such as `input_ids` and `attention_mask`."""
    pad_id: int
    lower_case: bool
    query_prompt: str
    """What the model wants in front of a query; empty for most."""
    document_prompt: str
    """What the model wants in front of a document; empty for most."""

    @classmethod
    def read(cls, folder: Path) -> EncoderCard:
        """The card that stands in the folder of an exported encoder."""
        fields = json.loads((folder / "encoder.json").read_text("utf-8"))
        return cls(**{**fields, "inputs": tuple(fields["inputs"])})


class Encoder(Protocol):
    """What turns texts into vectors."""

    def encode(self, texts: Sequence[str], *, apart: bool = False) -> NDArray[np.float32]:
        """Vectors of the texts in their order, n × dimension, of length 1.

        With `apart`, a text has the same vector to the last bit whatever stands beside it.
        """
        ...


class OnnxEncoder:
    """Runs an exported encoder; the model is loaded when it is first needed."""

    def __init__(self, folder: Path, card: EncoderCard) -> None:
        self._folder = folder
        self._card = card

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        tokenizer = load_tokenizer(self._folder / "tokenizer.json")
        tokenizer.enable_truncation(self._card.max_tokens)
        return tokenizer

    @cached_property
    def _session(self) -> InferenceSession:
        import onnxruntime  # noqa: PLC0415 - 0.15 s that a command without a query saves

        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        # One thread per run and several runs at once: on two cores a third faster than one run with two threads,
        # and a query is too short to gain from a second thread.
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        model = self._folder / "encoder.onnx"
        try:
            return onnxruntime.InferenceSession(
                str(model), options, providers=["CPUExecutionProvider"], disabled_optimizers=_SLOW_FUSIONS
            )
        except Exception as error:  # onnxruntime's exceptions share no base class but Exception
            raise EmbedderError(
                f"the exported encoder {model} cannot be loaded ({one_line(error)}): delete its folder and try again"
            ) from error

    def encode(self, texts: Sequence[str], *, apart: bool = False) -> NDArray[np.float32]:
        """Vectors of the texts in their order.

        Texts of like length share a batch, so that little is padded; with `apart`, each is a batch of its own.
        """
        encodings = self._tokenizer.encode_batch_fast(list(texts))
        order = sorted(range(len(encodings)), key=lambda position: len(encodings[position].ids))
        lengths = [len(encoding.ids) for encoding in encodings]
        batches = [[position] for position in order] if apart else list(_batches(order, lengths))
        vectors = np.empty((len(texts), self._card.dimension), np.float32)

        def run(batch: Sequence[int]) -> None:
            inputs = self._inputs([encodings[position] for position in batch])
            vectors[batch] = self._session.run([OUTPUT], inputs)[0]

        if len(batches) == 1:
            run(batches[0])
            return vectors
        from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - a single query does not need it

        _ = self._session  # loaded once, before the threads ask for it
        with ThreadPoolExecutor(usable_cores()) as pool:
            # longest first: the cores finish together
            list(pool.map(run, reversed(batches)))
        return vectors

    def _inputs(self, encodings: Sequence[Encoding]) -> dict[str, NDArray[np.int64]]:
        length = max(len(encoding.ids) for encoding in encodings)
        shape = (len(encodings), length)
        arrays = {
            "input_ids": np.full(shape, self._card.pad_id, np.int64),
            "attention_mask": np.zeros(shape, np.int64),
            "token_type_ids": np.zeros(shape, np.int64),
        }
        for row, encoding in enumerate(encodings):
            end = len(encoding.ids)
            arrays["input_ids"][row, :end] = encoding.ids
            arrays["attention_mask"][row, :end] = 1
            arrays["token_type_ids"][row, :end] = encoding.type_ids
        return {name: arrays[name] for name in self._card.inputs}


class TorchEncoder:
    """Runs a model by sentence-transformers itself: for models that cannot be exported."""

    def __init__(self, model: Any) -> None:
        self._model = model

    def encode(self, texts: Sequence[str], *, apart: bool = False) -> NDArray[np.float32]:
        """Vectors of the texts in their order; with `apart`, each is a batch of its own."""
        vectors = self._model.encode(
            list(texts),
            prompt="",
            normalize_embeddings=True,
            show_progress_bar=False,
            batch_size=1 if apart else 32,
        )
        return np.asarray(vectors, np.float32)


def runtime_version() -> str:
    """The version of ONNX Runtime: another one may give vectors that differ in their last bits."""
    import onnxruntime  # noqa: PLC0415 - as for the session

    return str(onnxruntime.__version__)


def _batches(order: Sequence[int], lengths: Sequence[int]) -> Iterator[list[int]]:
    """Runs of positions, ordered by length, whose padded size stays within the budget."""
    batch: list[int] = []
    for position in order:
        if batch and (len(batch) + 1) * lengths[position] > _BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(position)
    if batch:
        yield batch


def load_tokenizer(path: Path) -> Tokenizer:
    """The tokenizer of the file, without padding and truncation."""
    from tokenizers import Tokenizer  # noqa: PLC0415 - loads a native library

    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # tokenizers raises plain Exception
        raise EmbedderError(
            f"the tokenizer {path} cannot be read ({one_line(error)}): delete its folder and run the command again"
        ) from error
    # the file may carry the settings of its training: padding to 128 tokens would slow every query down
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def one_line(error: BaseException) -> str:
    """The message of a foreign error, short enough for a line of ours."""
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= 160 else text[:159] + "…"
