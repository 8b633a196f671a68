"""The gate: which sentences of a draft the evidence supports."""

from hwqa.grounding.checking import Verdict, check
from hwqa.grounding.gate import Checked, Gate
from hwqa.grounding.pieces import Piece, marks_of, split

__all__ = ["Checked", "Gate", "Piece", "Verdict", "check", "marks_of", "split"]
