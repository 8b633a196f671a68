"""The errors that a user can act on.

HwqaError
├── ConfigError      a setting is unknown or has a value that cannot be used
├── CorpusError      the documents are missing, empty or unreadable
├── IndexingError    the index cannot be opened, written or searched
├── EmbedderError    the embedding model is missing or not the one expected
├── ModelError       the chat model is not installed, not configured or not reachable
├── QuestionError    the question cannot be answered as it stands: empty or too long
├── SizingError      a sizing names something unknown, or the documents lack what it needs
├── ChartError       a chart cannot be drawn or written
├── GoldenError      a golden set is malformed
├── ChatError        a conversation or answer of the chat is not there, or cannot be kept
└── ServeError       the web server cannot start

Each message is one line that names the thing and the remedy. The command line prints it and exits with 1.
"""

from __future__ import annotations


class HwqaError(Exception):
    """Something failed that the user can mend; the message says what and how."""


class ConfigError(HwqaError):
    """A setting is unknown or has a value that cannot be used."""


class CorpusError(HwqaError):
    """The documents are missing, empty or unreadable."""


class IndexingError(HwqaError):
    """The index cannot be opened, written or searched."""


class EmbedderError(HwqaError):
    """The embedding model is missing or not the one expected."""


class ModelError(HwqaError):
    """The chat model is not installed, not configured or not reachable."""


class QuestionError(HwqaError):
    """The question cannot be answered as it stands: it is empty or too long."""


class SizingError(HwqaError):
    """A sizing names a model, device or format that is not known, or the documents lack what it needs."""


class ChartError(HwqaError):
    """A chart cannot be drawn or written: nothing to draw, another kind of file, or no browser for pictures."""


class GoldenError(HwqaError):
    """A golden set is malformed; the message names file and line."""


class ChatError(HwqaError):
    """A conversation or an answer of the chat is not there, or cannot be kept."""


class ServeError(HwqaError):
    """The web server cannot start."""
