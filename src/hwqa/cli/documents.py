"""Commands about the documents: index, chunks, check."""

from __future__ import annotations

import typer

from hwqa.cli.options import AsJson, Corpus, IndexPlace
from hwqa.cli.program import app
from hwqa.cli.session import fail, load_settings, print_json, progress_bar, warn
from hwqa.errors import CorpusError


@app.command(epilog="Example: hwqa index --corpus docs --index index")
def index(corpus: Corpus = None, index: IndexPlace = None) -> None:
    """Bring the index up to date with the documents; only what changed is embedded."""
    from hwqa.embedding import open_embedder
    from hwqa.index import Index

    settings = load_settings(corpus=corpus, index=index)
    with progress_bar() as progress:
        embedder = open_embedder(settings.embedder, settings.cache, progress=progress)
        report = Index.open(settings.index, embedder).sync(settings.corpus, progress=progress)
    warn(f"{path} is not indexed: {reason}" for path, reason in report.skipped)
    typer.echo(
        f"{report.added} added, {report.updated} updated, {report.removed} removed, {report.unchanged} unchanged "
        f"(chunks of {report.files} files)"
    )


@app.command(epilog="Example: hwqa chunks --corpus docs --json | head -3")
def chunks(corpus: Corpus = None, as_json: AsJson = False) -> None:
    """Print the chunks that the documents are cut into."""
    from hwqa.corpus import read_text, scan
    from hwqa.embedding import open_embedder
    from hwqa.index import default_parser

    settings = load_settings(corpus=corpus)
    files = scan(settings.corpus)
    with progress_bar() as progress:
        parser = default_parser(open_embedder(settings.embedder, settings.cache, progress=progress))
    for file in files:
        try:
            document = parser.read(file.path, read_text(settings.corpus, file.path))
        except CorpusError as error:
            warn([str(error)])
            continue
        for chunk in parser.chunk(document):
            if as_json:
                print_json(
                    {
                        "id": chunk.id,
                        "path": chunk.path,
                        "heading_path": list(chunk.heading_path),
                        "anchor": chunk.anchor,
                        "lines": list(chunk.lines),
                        "text": chunk.text,
                    }
                )
            else:
                typer.echo(f"{chunk.path}:{chunk.lines[0]}-{chunk.lines[1]}  {chunk.trail}\n\n{chunk.text}\n")


@app.command(epilog="Examples: hwqa check --corpus docs; hwqa check --json | jq -r 'select(.severity == \"error\")'")
def check(corpus: Corpus = None, as_json: AsJson = False) -> None:
    """Check the documents: structure, units, sources, links; what they must hold stands in their README.md."""
    from hwqa.checking import check as check_corpus

    report = check_corpus(load_settings(corpus=corpus).corpus)
    if as_json:
        for line in report.to_json():
            print_json(line)
    else:
        typer.echo(report.to_text())
    if report.errors:
        raise typer.Exit(fail(f"{report.verdict()}: mend the errors named above"))
