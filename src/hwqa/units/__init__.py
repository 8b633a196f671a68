"""Quantities: find `4.8 TB/s` in a text, convert, compare and print it."""

from hwqa.units.names import Name, find_names
from hwqa.units.quantity import Kind, Quantity, Relation, compare, convert, format_quantity, same
from hwqa.units.reading import find_quantities
from hwqa.units.symbols import canonical_unit, conversion, dimension

__all__ = [
    "Kind",
    "Name",
    "Quantity",
    "Relation",
    "canonical_unit",
    "compare",
    "conversion",
    "convert",
    "dimension",
    "find_names",
    "find_quantities",
    "format_quantity",
    "same",
]
