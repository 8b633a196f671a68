"""The outcome of choosing products: verdicts, candidates, what would change the choice."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from hwqa.schema import Fact
from hwqa.selection.ratios import Quotient
from hwqa.selection.requirements import Requirements
from hwqa.selection.scope import Standing

Outcome = Literal["meets", "fails", "unknown"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a product meets one requirement, and the fact that decides it."""

    requirement: str
    outcome: Outcome
    reason: str
    """The figure or text that decides, or that the documents hold none."""
    fact: Fact | None = None


@dataclass(frozen=True, slots=True)
class Considered:
    """A product with its verdicts, one for each requirement in their order."""

    product: str
    verdicts: tuple[Verdict, ...]
    ranked: Fact | None = None
    """The fact that decides its place."""
    standing: Standing = field(default_factory=lambda: Standing("unknown"))
    shown: tuple[Fact | None, ...] = ()
    """The best fact for each attribute that is asked for beside; None where there is none."""
    quotient: Quotient | None = None
    """What decides its place where one attribute for each unit of another is asked for; then `ranked` is divided."""

    @property
    def failed(self) -> tuple[Verdict, ...]:
        """The verdicts that keep it from being a candidate."""
        return tuple(verdict for verdict in self.verdicts if verdict.outcome != "meets")


@dataclass(frozen=True, slots=True)
class Change:
    """What would change the choice: a requirement given up or loosened, and who would then come first or join."""

    text: str
    """As in `with Memory capacity at least 96 GB instead of at least 100 GB, X would come first`."""
    product: str
    verdict: Verdict
    first: bool
    """Whether the product would come first, rather than join the candidates."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The outcome of choosing."""

    requirements: Requirements
    candidates: tuple[Considered, ...]
    """Those that meet everything, the first first; those without a figure to rank them by come last."""
    dropped: tuple[Considered, ...]
    """Those that fail something or of which the documents do not say it, nearest to a candidate first."""
    changes: tuple[Change, ...]
    question: str = ""
    """What to ask back, where a wish that was not made would change the first; empty otherwise."""
    unclear: tuple[str, ...] = ()
    """Parts of the wish that no document speaks of."""
    assumed: str = ""
    """The order that was taken where the wish names none."""
    members: frozenset[str] = frozenset()
    """The products among which was chosen."""
    other_basis: tuple[Fact, ...] = ()
    """Figures of the ranked attribute that are left out because they stand on another basis."""
