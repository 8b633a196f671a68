"""The command as its user runs it: a fresh process, its output and its exit code."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.chat_server import ChatServer, Misbehaviour, Reply, error
from tests.conftest import Run

QUESTION = "How much memory does the X1 have?"


def one_line(text: str) -> bool:
    return text.startswith("hwqa: ") and text.count("\n") == 1


def test_ask_prints_the_answer_and_its_source(hwqa: Run) -> None:
    done = hwqa("ask", QUESTION)
    assert done.returncode == 0
    assert done.stderr.startswith("hwqa: no chat model")
    assert "The memory capacity of the Alpha X1 is 48 GB" in done.stdout
    assert "[1] Alpha accelerators › Alpha X1 (alpha.md:22)" in done.stdout


def test_ask_json_is_one_object_on_stdout(hwqa: Run) -> None:
    done = hwqa("ask", "--json", QUESTION)
    answer = json.loads(done.stdout)
    assert answer["status"] == "answered"
    assert answer["citations"][0]["lines"] == [22, 22]
    assert done.stdout.count("\n") == 1


def test_lines_on_stdin_are_answered_one_by_one(hwqa: Run, tmp_path: Path) -> None:
    command = [Path(sys.executable).parent / "hwqa", "ask", "--json", "-"]
    process = subprocess.Popen(
        command, cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=dict(os.environ)
    )
    assert process.stdin is not None
    assert process.stdout is not None
    with process:
        for question, figure in ((QUESTION, "48 GB"), ("TDP of the X2", "450 W")):
            process.stdin.write(question + "\n")
            process.stdin.flush()
            # The answer comes before the next question is sent, so the output is not held back.
            assert figure in json.loads(process.stdout.readline())["answer"]
        process.stdin.close()
    assert process.returncode == 0


def test_search_json_has_the_agreed_form(hwqa: Run) -> None:
    content = json.loads(hwqa("search", "--json", "-k", "2", "memory of the X2").stdout)
    assert list(content) == ["query", "results"]
    assert list(content["results"][0]) == ["rank", "score", "path", "heading_path", "anchor", "lines", "text"]
    assert [result["rank"] for result in content["results"]] == [1, 2]
    assert content["results"][0]["heading_path"] == ["Alpha accelerators", "Alpha X2"]


def test_search_reads_queries_from_stdin(hwqa: Run) -> None:
    done = hwqa("search", "--json", "-", stdin="memory of the X2\n\ncompiler of the B7\n")
    assert [json.loads(line)["query"] for line in done.stdout.splitlines()] == [
        "memory of the X2",
        "compiler of the B7",
    ]


def test_chunks_json_lists_every_chunk_with_its_lines(hwqa: Run, tmp_path: Path) -> None:
    chunks = [json.loads(line) for line in hwqa("chunks", "--json").stdout.splitlines()]
    assert list(chunks[0]) == ["id", "path", "heading_path", "anchor", "lines", "text"]
    for chunk in chunks:
        lines = (tmp_path / "corpus" / chunk["path"]).read_text("utf-8").split("\n")
        assert chunk["text"] == "\n".join(lines[chunk["lines"][0] - 1 : chunk["lines"][1]])


def test_index_says_what_changed(hwqa: Run, tmp_path: Path) -> None:
    assert hwqa("index").stdout.startswith("0 added, 0 updated, 0 removed,")
    with (tmp_path / "corpus" / "beta.md").open("a", encoding="utf-8") as file:
        file.write("\n## More\n\nThe Beta B7 has four fans.\n")
    assert hwqa("index").stdout.startswith("1 added,")
    assert "four fans" in hwqa("ask", "how many fans does the B7 have?").stdout


def test_a_stale_index_is_brought_up_to_date_before_an_answer(hwqa: Run, tmp_path: Path) -> None:
    text = (tmp_path / "corpus" / "alpha.md").read_text("utf-8")
    (tmp_path / "corpus" / "alpha.md").write_text(text.replace("48 GB", "47 GB"), "utf-8")
    done = hwqa("ask", QUESTION)
    assert "47 GB" in done.stdout
    assert "48 GB" not in done.stdout


def test_compare_puts_products_side_by_side(hwqa: Run) -> None:
    done = hwqa("compare", "X1", "X2")
    assert (done.returncode, done.stderr) == (0, "")
    assert "| Memory capacity | 48 GB [1] | 96 GB [2] | Alpha X2: 2.00 × |" in done.stdout
    assert "| FP16 peak (sparse) | 362 TFLOPS" in done.stdout
    assert "not in the documents" in done.stdout
    assert "Against the Alpha X1:" in done.stdout
    assert "[1] Alpha accelerators › Alpha X1 (alpha.md:22)" in done.stdout


def test_compare_json_is_one_object(hwqa: Run) -> None:
    done = hwqa("compare", "--json", "X1", "X2")
    assert json.loads(done.stdout)["products"] == ["Alpha X1", "Alpha X2"]


def test_select_says_who_and_why_not(hwqa: Run) -> None:
    done = hwqa("select", "at least 90 GB, most bandwidth")
    assert (done.returncode, done.stderr) == (0, "")
    assert "1. Alpha X2: 2.4 TB/s [1]" in done.stdout
    assert "- Alpha X1: Memory capacity at least 90 GB: 48 GB" in done.stdout
    told = json.loads(hwqa("select", "--json", "at least 90 GB, most bandwidth").stdout)
    assert [each["product"] for each in told["candidates"]] == ["Alpha X2"]


def test_a_follow_up_reads_the_history(hwqa: Run, tmp_path: Path) -> None:
    (tmp_path / "turns.json").write_text(json.dumps([{"role": "user", "content": QUESTION}]), "utf-8")
    assert "300 W" in hwqa("ask", "--history", "turns.json", "and its TDP?").stdout


def test_chat_answers_follow_ups(hwqa: Run) -> None:
    done = hwqa("chat", stdin=f"{QUESTION}\nand its TDP?\n\n")
    assert done.returncode == 0
    assert "48 GB" in done.stdout
    assert "300 W" in done.stdout


def test_doctor_says_what_works(hwqa: Run) -> None:
    done = hwqa("doctor")
    assert done.returncode == 0, done.stdout
    assert "3 Markdown files in corpus" in done.stdout
    assert "up to date" in done.stdout


def test_eval_prints_json(hwqa: Run, tmp_path: Path) -> None:
    (tmp_path / "golden.yaml").write_text(
        f"- id: one\n  question: {QUESTION}\n  answerable: true\n  facts: [48 GB]\n"
        "  sources: ['alpha.md#Alpha X1']\n  category: lookup\n",
        "utf-8",
    )
    done = hwqa("eval", "--json", "golden.yaml")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)


def test_eval_fails_on_a_regression(hwqa: Run, tmp_path: Path) -> None:
    (tmp_path / "golden.yaml").write_text(
        f"- id: one\n  question: {QUESTION}\n  answerable: true\n  facts: [48 GB]\n"
        "  sources: ['alpha.md#Alpha X1']\n  category: lookup\n",
        "utf-8",
    )
    gate = ("--fail-on", "fact_coverage", "--fail-on", "numeric_fidelity<1")
    assert hwqa("eval", "golden.yaml", "--out", "before").returncode == 0
    passed = hwqa("eval", "golden.yaml", "--baseline", "before", *gate)
    assert passed.returncode == 0, passed.stderr
    document = tmp_path / "corpus" / "alpha.md"
    document.write_text(document.read_text("utf-8").replace("48 GB", "44 GB"), "utf-8")
    failed = hwqa("eval", "golden.yaml", "--baseline", "before", *gate)
    assert failed.returncode == 1
    said = failed.stderr.splitlines()[-1]
    assert said.startswith("hwqa: the gate is not passed: fact_coverage is 0.000, changed by -1.000")
    assert said.endswith("worse: one)")


def test_eval_reads_jsonl_goes_on_and_writes_for_other_tools(hwqa: Run, tmp_path: Path) -> None:
    cases = [
        {
            "id": name,
            "question": question,
            "answerable": True,
            "facts": [fact],
            "sources": [source],
            "category": "lookup",
        }
        for name, question, fact, source in (
            ("one", QUESTION, "48 GB", "alpha.md#Alpha X1"),
            ("two", "TDP of the X2", "450 W", "alpha.md#Alpha X2"),
        )
    ]
    (tmp_path / "golden.jsonl").write_text("\n".join(map(json.dumps, cases)), "utf-8")
    run = ("eval", "golden.jsonl", "--model", "none", "--out", "run", "--jobs", "2")
    first = hwqa(*run, "--trec", "trec", "--dataset", "set.jsonl")
    assert first.returncode == 0, first.stderr
    assert len((tmp_path / "trec" / "qrels.trec").read_text("utf-8").splitlines()) == 2
    written = (tmp_path / "set.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["ground_truth"] for line in written] == ["48 GB", "450 W"]
    assert "2 answers are those of an earlier run" in " ".join(hwqa(*run).stdout.split())
    assert "of an earlier run" not in " ".join(hwqa(*run, "--fresh").stdout.split())


@pytest.mark.parametrize("command", ["index", "chunks", "search", "ask", "chat", "serve", "eval", "doctor"])
def test_help_teaches_by_example(hwqa: Run, command: str) -> None:
    done = hwqa(command, "--help")
    assert done.returncode == 0
    assert f"hwqa {command}" in done.stdout


# Bad input: one line, the remedy, exit code 1, and nothing lost ------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("ask", "--corpus", "nowhere", QUESTION), "nowhere"),
        (("ask", ""), "empty"),
        (("ask", "  "), "empty"),
        (("ask", "x" * 100_000), "100,000 characters"),
        (("search", ""), "empty"),
        (("eval", "missing.yaml"), "missing.yaml"),
        (("compare", "X1", "X7"), "Alpha X1"),
        (("compare", "X1"), "name another"),
        (("select", " "), "constraints are empty"),
        (("select", "prettiest"), "names nothing that the documents give figures of"),
        (("ask", "--history", "missing.json", QUESTION), "missing.json"),
        (("ask", "--model", "nobody:x", QUESTION), "nobody"),
        (("ask", "--model", "x", QUESTION), "provider:name"),
        (("ask", "--model", "openai:gpt", QUESTION), "OPENAI_API_KEY"),
        (("ask", "--model", "anthropic:claude", QUESTION), "ANTHROPIC_API_KEY"),
        (("ask", "--model", "local:missing.gguf", QUESTION), "missing.gguf"),
        (("ask", "--model", "ollama:m", "--base-url", "http://127.0.0.1:9", QUESTION), "127.0.0.1:9"),
        (("ask", "--index", "http://127.0.0.1:9", QUESTION), "127.0.0.1:9"),
        (("ask", "--index", "corpus/alpha.md", QUESTION), "is a file"),
    ],
    ids=lambda value: " ".join(value)[:50] if isinstance(value, tuple) else "",
)
def test_bad_input_gets_one_line_and_exit_code_1(hwqa: Run, arguments: tuple[str, ...], says: str) -> None:
    done = hwqa(*arguments, OPENAI_API_KEY="", ANTHROPIC_API_KEY="")
    assert done.returncode == 1, done.stdout
    assert one_line(done.stderr), done.stderr
    assert says in done.stderr


def test_wrong_usage_is_exit_code_2(hwqa: Run) -> None:
    assert hwqa("ask").returncode == 2
    assert hwqa("search", "-k", "many", "x").returncode == 2


def test_an_empty_corpus_is_refused(hwqa: Run, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "corpus")
    (tmp_path / "corpus").mkdir()
    done = hwqa("ask", QUESTION)
    assert done.returncode == 1
    assert one_line(done.stderr)
    assert "Markdown" in done.stderr


def test_a_file_that_is_not_utf8_is_named_and_the_rest_is_answered(hwqa: Run, tmp_path: Path) -> None:
    (tmp_path / "corpus" / "latin.md").write_bytes("# Größe\n".encode("latin-1"))
    done = hwqa("ask", QUESTION)
    assert done.returncode == 0
    assert "latin.md" in done.stderr
    assert "48 GB" in done.stdout


def test_a_damaged_index_is_built_anew(hwqa: Run, tmp_path: Path) -> None:
    for file in (tmp_path / "index").rglob("*"):
        if file.is_file():
            file.write_bytes(b"not an index")
    done = hwqa("ask", QUESTION)
    assert done.returncode == 0, done.stderr
    assert "48 GB" in done.stdout


def test_a_malformed_golden_file_is_named_with_its_line(hwqa: Run, tmp_path: Path) -> None:
    (tmp_path / "golden.yaml").write_text("- id: one\n  question: What?\n  colour: red\n", "utf-8")
    done = hwqa("eval", "golden.yaml")
    assert done.returncode == 1
    assert one_line(done.stderr)
    assert "golden.yaml:3" in done.stderr


def test_a_taken_port_names_the_remedy(hwqa: Run) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = hwqa("serve", "--port", str(taken.getsockname()[1]))
    assert done.returncode == 1
    assert one_line(done.stderr), done.stderr
    assert "--port" in done.stderr


@pytest.mark.parametrize(
    "reply",
    [
        error(401, "bad key"),
        error(404, "no such model"),
        error(500),
        Misbehaviour("die", "The Alpha X1 has 48 GB [1"),
        "",
    ],
    ids=["key", "model", "broken", "dies mid-stream", "says nothing"],
)
def test_a_failing_server_gets_one_line_and_the_composed_answer(hwqa: Run, reply: Reply) -> None:
    with ChatServer(lambda messages: reply) as server:
        done = hwqa("ask", "--model", "openai:test", "--base-url", server.base_url, QUESTION)
    assert done.returncode == 1
    assert one_line(done.stderr), done.stderr
    assert "48 GB" in done.stdout


def test_a_model_that_invents_is_overruled(hwqa: Run) -> None:
    with ChatServer(lambda messages: "The Alpha X1 has 64 GB of memory [1].") as server:
        done = hwqa("ask", "--json", "--model", "openai:test", "--base-url", server.base_url, QUESTION)
    answer = json.loads(done.stdout)
    assert done.returncode == 0
    assert "64" not in answer["answer"]
    assert "48 GB" in answer["answer"]
    assert (answer["removed_sentences"], answer["model"]) == (2, "none")


def test_a_model_that_cites_well_is_shown(hwqa: Run) -> None:
    with ChatServer(lambda messages: "The Alpha X1 holds 48 GB [1].") as server:
        done = hwqa("ask", "--json", "--model", "openai:test", "--base-url", server.base_url, QUESTION)
    answer = json.loads(done.stdout)
    assert answer["answer"] == "The Alpha X1 holds 48 GB [1]."
    assert answer["model"] == "openai:test"


def test_a_closed_pipe_is_no_error(hwqa: Run, tmp_path: Path) -> None:
    command = Path(sys.executable).parent / "hwqa"
    done = subprocess.run(  # noqa: S602 - the pipe is what is tested
        f"{command} chunks --json | head -1", shell=True, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""


def test_ctrl_c_ends_quietly(hwqa: Run, tmp_path: Path) -> None:
    command = [Path(sys.executable).parent / "hwqa", "ask", "-"]
    # a run in the background passes on that the signal is ignored
    own = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(command, cwd=tmp_path, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    signal.signal(signal.SIGINT, own)
    time.sleep(3)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Traceback" not in stderr
