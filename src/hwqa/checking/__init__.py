"""Checks of the documents: structure, units, sources and links, each finding with file, line and remedy."""

from hwqa.checking.corpus import Report, check
from hwqa.checking.findings import Finding, Severity
from hwqa.checking.summary import Gap, Summary

__all__ = ["Finding", "Gap", "Report", "Severity", "Summary", "check"]
