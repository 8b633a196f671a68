"""Units of everyday things, beside those of computing: mass, length, volume, speed, force, pressure, sound, light.

Written as `kg`, `km/h`, `dB(A)`. Factors of a dimension refer to its first stem; the tests ask pint for each.
"""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

POUND = Decimal("453.59237")
"""Grams of the international pound of 1959; the foot of the same agreement is 0.3048 m."""
FOOT = Decimal("0.3048")


class EverydayUnit(NamedTuple):
    """A unit without denominator."""

    dimension: str
    stem: str
    """pint's name of what the factor refers to."""
    factor: Decimal


_TABLE: dict[str, tuple[str, dict[str, str | Decimal]]] = {
    "mass": ("gram", {"mg": "0.001", "g": "1", "kg": "1000", "t": "1e6", "lb": POUND, "oz": POUND / 16}),
    "length": (
        "metre",
        {
            "m": "1", "km": "1000", "dm": "0.1", "ft": FOOT, "inch": FOOT / 12, "yd": FOOT * 3, "mile": FOOT * 5280,
            "nmi": "1852",
        },
    ),
    "area": ("metre²", {"m²": "1", "km²": "1e6", "ha": "1e4", "ft²": FOOT**2}),
    "volume": (
        "litre",
        {"l": "1", "ml": "0.001", "cl": "0.01", "dl": "0.1", "hl": "100", "m³": "1000", "cm³": "0.001"},
    ),
    "force": ("newton", {"N": "1", "kN": "1000"}),
    "torque": ("newton_metre", {"Nm": "1"}),
    "pressure": (
        "pascal",
        {"Pa": "1", "hPa": "100", "kPa": "1000", "MPa": "1e6", "bar": "1e5", "mbar": "100", "psi": "6894.757293168"},
    ),
    "energy": ("joule", {"kJ": "1000", "MJ": "1e6", "GJ": "1e9", "cal": "4.184", "kcal": "4184"}),
    "power": ("watt", {"hp": "745.6998715822702"}),
    "voltage": ("volt", {"mV": "0.001", "kV": "1000"}),
    "current": ("ampere", {"mA": "0.001", "A": "1"}),
    "charge": ("ampere_hour", {"mAh": "0.001", "Ah": "1"}),
    "apparent power": ("volt_ampere", {"VA": "1", "kVA": "1000"}),
    "resistance": ("ohm", {"Ω": "1", "kΩ": "1000"}),
    "sound": ("decibel", {"dB": "1"}),
    "absolute temperature": ("kelvin", {"K": "1"}),
    "temperature in °F": ("°F", {"°F": "1"}),
    "illuminance": ("lux", {"lx": "1"}),
    "luminous flux": ("lumen", {"lm": "1"}),
    "revolutions": ("turn", {"rev": "1"}),
    "pixels": ("pixel", {"px": "1", "MP": "1e6"}),
    "frames": ("frame", {"frame": "1"}),
    "share": ("ppm", {"ppm": "1"}),
}  # fmt: skip
UNITS = {
    name: EverydayUnit(dimension, stem, Decimal(factor))
    for dimension, (stem, names) in _TABLE.items()
    for name, factor in names.items()
}
"""Canonical spelling → what it measures."""

_LONG = {
    "mg": "milligram", "g": "gram|gramme", "kg": "kilogram|kilogramme|kilo", "t": "tonne|metric ton",
    "lb": "lbs|pound", "oz": "ounce", "mm": "millimetre|millimeter", "cm": "centimetre|centimeter",
    "m": "metre|meter", "km": "kilometre|kilometer", "inch": "inches", "yd": "yard", "mile": "mi",
    "ft": "feet|foot", "nmi": "nautical mile", "m²": "m2|m^2|sqm", "km²": "km2|km^2", "ha": "hectare",
    "ft²": "ft2|ft^2|sqft", "l": "L|litre|liter", "ml": "mL|millilitre|milliliter", "cl": "centilitre|centiliter",
    "dl": "dL", "hl": "hL|hectolitre|hectoliter", "m³": "m3|m^3", "cm³": "cm3|cm^3|cc", "N": "newton",
    "Nm": "N·m|newton-metre", "bar": "bars", "mA": "milliamp", "A": "amp|ampere", "dB": "dBA|dB(A)|decibel",
    "K": "kelvin", "lx": "lux", "lm": "lumen", "px": "pixel", "MP": "Mpx|megapixel", "hp": "horsepower|PS",
    "rev": "revolution", "kcal": "kilocalorie", "kVA": "KVA", "km/h": "kmh|kph|km/hr", "mile/h": "mph",
    "rev/min": "rpm|RPM|r/min", "frame/s": "fps|FPS", "Ω": "ohm", "inch/s": "ips",
}  # fmt: skip
SPELLINGS = {
    spelling + ending: name
    for name, spellings in _LONG.items()
    for spelling in spellings.split("|")
    for ending in (("", "s") if len(spelling) > 3 and spelling[-1] != "s" else ("",))
} | {"inches": "inch", "feet": "ft", "frames": "frame", "miles": "mile", "yards": "yd", "knots": "nmi/h", "kn": "nmi/h"}
"""Other ways to write them → canonical spelling; as they stand, since `ha` and `HA`, `mm` and `MM` are not one."""
