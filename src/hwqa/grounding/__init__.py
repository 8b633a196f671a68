"""The gate: which sentences of a draft the evidence supports."""

from hwqa.grounding.checking import Verdict, check
from hwqa.grounding.gate import UNSUPPORTED, Checked, Gate
from hwqa.grounding.pieces import Piece, marks_of, split

__all__ = ["UNSUPPORTED", "Checked", "Gate", "Piece", "Verdict", "check", "marks_of", "split"]
