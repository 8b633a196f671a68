"""The export of a sentence-transformers model: all its modules in one ONNX file, checked against the model."""

from __future__ import annotations

import json
import logging
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import asdict, dataclass
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hwqa.encoder import OUTPUT, EncoderCard, OnnxEncoder, TorchEncoder, one_line
from hwqa.errors import EmbedderError

if TYPE_CHECKING:
    import torch
    from tokenizers import Tokenizer

_SAMPLES = ("memory bandwidth", "", "A longer sentence, so that the batch is padded: 4.8 TB/s × 8, 記憶體.")
_TOLERANCE = 1e-4

_log = logging.getLogger("hwqa")


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A model that could not be exported or kept, ready to embed by itself."""

    card: EncoderCard
    tokenizer: Tokenizer
    encoder: TorchEncoder


def export_encoder(name: str, source: Path, fingerprint: str, folder: Path) -> LoadedModel | None:
    """The encoder of the model in `source` stands in `folder`; else a warning was logged and the model is returned."""
    with _silence():
        model = _load_model(name, source)
        card = _card(model, fingerprint)
        tokenizer_json: str = model.tokenizer.backend_tokenizer.to_str()
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".export-", dir=folder.parent) as temporary:
            building = Path(temporary) / "encoder"
            building.mkdir()
            (building / "tokenizer.json").write_text(tokenizer_json, "utf-8")
            with _silence():
                _write_onnx(model, card, building / "encoder.onnx")
                _drop_guards(building / "encoder.onnx")
            _check(model, card, building)
            (building / "encoder.json").write_text(json.dumps(asdict(card)), "utf-8")
            if folder.is_dir() and not (folder / "encoder.json").is_file():
                shutil.rmtree(folder)
            try:
                building.rename(folder)
            except OSError:
                if not (folder / "encoder.json").is_file():  # else another process was first: its encoder is as good
                    raise
    except OSError as error:
        _log.warning(
            "the encoder cannot be kept in %s (%s): every start takes seconds longer; set HWQA_CACHE to another folder",
            folder.parent,
            error.strerror or error,
        )
    except Exception as error:  # exporting runs foreign model code, which may raise anything
        _log.warning(
            "%s cannot be exported (%s): sentence-transformers embeds instead, every start takes seconds longer",
            name,
            one_line(error),
        )
    else:
        return None
    from tokenizers import Tokenizer  # noqa: PLC0415 - loads a native library

    tokenizer = Tokenizer.from_str(tokenizer_json)
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return LoadedModel(card, tokenizer, TorchEncoder(model))


def _load_model(name: str, source: Path) -> Any:
    from sentence_transformers import (  # noqa: PLC0415, TID251 - seconds of import; this is the module that may
        SentenceTransformer,
    )

    try:
        model = SentenceTransformer(str(source), device="cpu", local_files_only=True)
    except Exception as error:  # loading runs foreign model code, which may raise anything
        raise EmbedderError(
            f"sentence-transformers cannot load the embedding model {name} ({one_line(error)}):"
            " give the folder of a complete model"
        ) from error
    return model.eval()


def _card(model: Any, fingerprint: str) -> EncoderCard:
    tokenizer = model.tokenizer
    limit = model.max_seq_length or tokenizer.model_max_length
    prompts: Mapping[str, str] = model.prompts
    default = prompts.get(model.default_prompt_name or "", "")
    document = next((prompts[key] for key in ("document", "passage", "corpus") if prompts.get(key)), default)
    return EncoderCard(
        fingerprint=fingerprint,
        max_tokens=int(limit),
        dimension=int(model.encode([""], show_progress_bar=False).shape[1]),
        inputs=tuple(key for key in tokenizer(["a"]) if key in {"input_ids", "attention_mask", "token_type_ids"}),
        pad_id=int(tokenizer.pad_token_id or 0),
        lower_case=bool(getattr(model[0], "do_lower_case", False)),
        query_prompt=prompts.get("query") or default,
        document_prompt=document,
    )


def _write_onnx(model: Any, card: EncoderCard, path: Path) -> None:
    import torch  # noqa: PLC0415 - seconds of import

    class SentenceEncoder(torch.nn.Module):
        """Token ids become sentence vectors of length 1: all modules of the model in one graph."""

        def __init__(self) -> None:
            super().__init__()
            self.stages = torch.nn.ModuleList(model)

        def forward(self, *tensors: torch.Tensor) -> torch.Tensor:
            features: Any = dict(zip(card.inputs, tensors, strict=True))
            for stage in self.stages:
                features = stage(features)
            return torch.nn.functional.normalize(features["sentence_embedding"], dim=-1)

    sample = model.tokenizer(list(_SAMPLES), padding=True, truncation=True, return_tensors="pt")
    shapes = {0: "batch", 1: "length"}
    with torch.no_grad():
        torch.onnx.export(
            SentenceEncoder().eval(),
            tuple(sample[key] for key in card.inputs),
            str(path),
            dynamo=True,
            external_data=False,
            input_names=list(card.inputs),
            output_names=[OUTPUT],
            dynamic_shapes=(tuple(shapes for _ in card.inputs),),
            verbose=False,
        )


def _drop_guards(path: Path) -> None:
    """Attention stands without the exporter's guard against a text of which no token counts.

    Every text has a token. The guard, `Where(IsNaN(weights), 0, weights)`, goes over all attention weights twice more,
    which took 7 % of the encoder's time.
    """
    import onnx  # noqa: PLC0415 - as torch, needed for the export alone

    model = onnx.load(path)
    nodes = model.graph.node
    makers = {name: node for node in nodes for name in node.output}
    bare: dict[str, str] = {}
    for node in list(nodes):
        test = makers.get(node.input[0]) if node.op_type == "Where" else None
        if test is None or test.op_type != "IsNaN" or test.input[0] != node.input[2]:
            continue
        weights = makers.get(node.input[2])
        if weights is not None and weights.op_type == "Softmax":
            bare[node.output[0]] = node.input[2]
            nodes.remove(node)
            nodes.remove(test)
    for node in nodes:
        for position, name in enumerate(node.input):
            node.input[position] = bare.get(name, name)
    onnx.save(model, path)


def _check(model: Any, card: EncoderCard, folder: Path) -> None:
    """The exported encoder gives the vectors of the model.

    Raises:
        ValueError: It does not.
    """
    texts = [*_SAMPLES, "word " * (card.max_tokens + 10)]
    expected = TorchEncoder(model).encode(texts)
    difference = float(np.abs(OnnxEncoder(folder, card).encode(texts) - expected).max())
    if not difference < _TOLERANCE:
        raise ValueError(f"exported vectors differ by {difference:.1g}")


@contextmanager
def _silence() -> Iterator[None]:
    """Nothing that torch and transformers say on loading and exporting reaches the terminal."""
    import warnings  # noqa: PLC0415 - as the other parts of the export, not needed on later starts

    disabled = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings(), redirect_stdout(StringIO()), redirect_stderr(StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(disabled)
