"""Model files: fetched whole and verified or not at all, and removed.

models/
├── NAME.gguf        a verified file
└── NAME.gguf.part   what an interrupted download left; the next one goes on from there
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from hwqa.catalogue import CatalogueModel
from hwqa.errors import ModelError

if TYPE_CHECKING:
    from httpx import Client, Response

HUB = "https://huggingface.co"
SILENCE = 30.0
"""Seconds that the server may be silent before the connection counts as broken."""
MOST_FAILURES = 4
"""Broken connections in a row that brought the file no further, after which the download ends."""
PAUSE = 1.0
"""Seconds before the first new attempt; doubled with each further one."""
RESERVE = 64 * 2**20
"""Bytes of the disk that a download leaves free."""

_PORTION = 2**20

Progress = Callable[[int, int, str], None]
"""Called with bytes done, bytes in all and what is being done."""


def pull(
    model: CatalogueModel,
    folder: Path,
    *,
    mirror: str = "",
    progress: Progress | None = None,
    pause: float = PAUSE,
) -> Path:
    """The model's file lies in the folder, and its hash is the catalogue's.

    A download that breaks is resumed, at once or by the next call. A file that is there already is verified only.

    Args:
        model: From the catalogue.
        folder: The models folder; made when it is missing.
        mirror: Address of a host that serves the hub's paths; the hub itself when empty.
        progress: Told how far the download is.
        pause: Seconds before the first new attempt after a broken connection.

    Raises:
        ModelError: The file cannot be had, stored or verified. What was received stays for the next call, unless it
            is not the file expected.
    """
    from filelock import FileLock, Timeout  # noqa: PLC0415 - needed for downloads only

    target = folder / f"{model.name}.gguf"
    url = f"{_host(mirror)}/{model.path}"
    tell = progress or _untold
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / f".{model.name}.lock", timeout=0):
            if target.exists():
                _verify(target, model, tell, keep=True)
                return target
            part = folder / f"{target.name}.part"
            _fetch(url, part, model, tell, pause)
            _verify(part, model, tell, keep=False)
            part.replace(target)
    except Timeout as error:
        raise ModelError(f"model {model.name} is being pulled by another process: wait for it") from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise ModelError(
                f"model {model.name}: the disk of {folder} is full; free some space, then pull again"
            ) from error
        raise ModelError(f"model {model.name} cannot be stored in {folder}: {error.strerror or error}") from error
    return target


def remove(name: str, folder: Path) -> int:
    """Neither the model's file nor a part of it lies in the folder; the bytes that became free.

    Raises:
        ModelError: There is no such file, or it cannot be removed.
    """
    if Path(name).name != name:
        raise ModelError(f"model {name!r} is no name: take one of those that `hwqa model list` shows as pulled")
    own = [path for path in (folder / f"{name}.gguf", folder / f"{name}.gguf.part") if path.is_file()]
    if not own:
        raise ModelError(f"model {name} is not in {folder}: `hwqa model list` shows what is")
    freed = 0
    try:
        for path in own:
            freed += path.stat().st_size
            path.unlink()
    except OSError as error:
        raise ModelError(f"model {name} cannot be removed from {folder}: {error.strerror}") from error
    return freed


def partial_size(name: str, folder: Path) -> int:
    """Bytes that an interrupted download left; 0 where there is none."""
    try:
        return (folder / f"{name}.gguf.part").stat().st_size
    except OSError:
        return 0


def _untold(done: int, total: int, what: str) -> None:
    """Nobody asked how far it is."""


def _host(mirror: str) -> str:
    if not mirror:
        return HUB
    parts = urlsplit(mirror)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ModelError(f"the mirror {mirror!r} is no URL such as https://models.example.com; mend HWQA_MODEL_MIRROR")
    return mirror.rstrip("/")


def _fetch(url: str, part: Path, model: CatalogueModel, tell: Progress, pause: float) -> None:
    """All bytes of the file lie in `part`; connections that break are made anew as long as bytes come."""
    from httpx import Client, HTTPError, Timeout  # noqa: PLC0415 - needed for downloads only

    token = os.environ.get("HF_TOKEN", "") if url.startswith(f"{HUB}/") and model.gated else ""
    # a compressed body could not be resumed by its bytes
    headers = {"Accept-Encoding": "identity", **({"Authorization": f"Bearer {token}"} if token else {})}
    failures = most = 0
    with Client(headers=headers, follow_redirects=True, timeout=Timeout(SILENCE, connect=10.0)) as client:
        while (begin := _begin(part, model.size)) < model.size:
            _check_space(part, model, begin)
            error: HTTPError | None = None
            try:
                for done in _receive(client, url, part, model, begin):
                    tell(done, model.size, f"pulling {model.name}")
                    # a server without ranges begins anew each time: only bytes beyond the best attempt are progress
                    if done > most:
                        most, failures = done, 0
            except HTTPError as raised:
                error = raised
            if _begin(part, model.size) < model.size:
                failures += 1
                if failures >= MOST_FAILURES:
                    raise ModelError(_broken(url, part, model, error)) from error
                time.sleep(pause * 2 ** (failures - 1))


def _begin(part: Path, size: int) -> int:
    """How many bytes of the file are there; a part that is longer than the file is none of it."""
    try:
        begin = part.stat().st_size
    except FileNotFoundError:
        return 0
    if begin > size:
        part.unlink()
        return 0
    return begin


def _check_space(part: Path, model: CatalogueModel, begin: int) -> None:
    free = shutil.disk_usage(part.parent).free
    needed = model.size - begin + RESERVE
    if free < needed:
        raise ModelError(
            f"model {model.name} needs {needed / 1e9:.1f} GB on the disk of {part.parent} and {free / 1e9:.1f} GB are "
            "free: free some space, or take a smaller model"
        )


def _receive(client: Client, url: str, part: Path, model: CatalogueModel, begin: int) -> Iterator[int]:
    """Append what the server sends from `begin` on; the bytes that are there after each portion."""
    asked = {"Range": f"bytes={begin}-"} if begin else {}
    with client.stream("GET", url, headers=asked) as response:
        if response.status_code == 416:
            part.unlink(missing_ok=True)
            raise ModelError(f"model {model.name}: {url} is shorter than the file expected; check HWQA_MODEL_MIRROR")
        _check_status(response, url, model)
        resumed = response.status_code == 206
        _check_length(response, url, model, begin if resumed else 0)
        done = begin if resumed else 0  # a server that knows no ranges sends the whole file
        with part.open("ab" if resumed else "wb") as file:
            # as it comes: what waits for a portion to become full is lost when the connection breaks
            for portion in response.iter_raw():
                done += len(portion)
                if done > model.size:
                    part.unlink()
                    raise ModelError(
                        f"model {model.name}: {url} is longer than the file expected; nothing was installed"
                    )
                file.write(portion)
                yield done


def _check_status(response: Response, url: str, model: CatalogueModel) -> None:
    status = response.status_code
    if status in (200, 206):
        return
    if status in (401, 403):
        remedy = (
            f"accept its terms at {HUB}/{model.repository} and set HF_TOKEN to a token of that account"
            if model.gated
            else "check the rights at this host"
        )
        raise ModelError(f"model {model.name}: {url} is refused ({status}): {remedy}")
    if status == 404:
        raise ModelError(f"model {model.name} is not at {url} (404): check HWQA_MODEL_MIRROR, or update hwqa")
    if status == 429 or status >= 500:
        raise ModelError(f"model {model.name}: {url} failed on the server's side ({status}); pull again later")
    raise ModelError(f"model {model.name}: {url} answered with status {status}; check HWQA_MODEL_MIRROR")


def _check_length(response: Response, url: str, model: CatalogueModel, begin: int) -> None:
    if response.status_code == 206 and not response.headers.get("Content-Range", "").startswith(f"bytes {begin}-"):
        raise ModelError(f"model {model.name}: {url} sent another part than the one asked for; pull again later")
    announced = response.headers.get("Content-Length", "")
    if announced.isdecimal() and begin + int(announced) != model.size:
        raise ModelError(
            f"model {model.name}: the file at {url} has {begin + int(announced):,} bytes, {model.size:,} are expected: "
            "it is another file; check HWQA_MODEL_MIRROR, or update hwqa"
        )


def _verify(path: Path, model: CatalogueModel, tell: Progress, *, keep: bool) -> None:
    """The file is the catalogue's; another one is removed unless `keep`."""
    digest = hashlib.sha256()
    done = 0
    with path.open("rb") as file:
        while portion := file.read(_PORTION):
            digest.update(portion)
            done += len(portion)
            tell(done, model.size, f"verifying {model.name}")
    if digest.hexdigest() == model.sha256:
        return
    if keep:
        raise ModelError(
            f"model file {path} is not the one of the catalogue (SHA-256 differs): "
            f"`hwqa model remove {model.name}`, then pull it again"
        )
    path.unlink()
    raise ModelError(
        f"model {model.name}: the file received has another SHA-256 than expected ({digest.hexdigest()[:12]}… "
        f"instead of {model.sha256[:12]}…); it was deleted; check HWQA_MODEL_MIRROR, or pull again"
    )


def _broken(url: str, part: Path, model: CatalogueModel, error: Exception | None) -> str:
    done = _begin(part, model.size)
    if not done:
        cause = f" ({type(error).__name__})" if error else ""
        return (
            f"model {model.name}: {urlsplit(url).netloc} cannot be reached{cause}; "
            "check the network or HWQA_MODEL_MIRROR"
        )
    return f"model {model.name}: the download broke off at {100 * done // model.size} %; pull again to go on from there"
