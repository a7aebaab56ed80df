"""What values of other languages become here, where Python has nothing of its own (docs/protocol/values.md).

JSON's own values are None, bool, int, float, str, list and dict; instants are datetime; integers of any size int.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

Value: TypeAlias = Any


class Undefined:
    """JavaScript's undefined, which is not a missing name."""

    def __repr__(self) -> str:
        return "UNDEFINED"


UNDEFINED: Final = Undefined()


class BigInt(int):
    """An integer that was written as a bigint, so that it goes on as one however small it is."""


class NullPrototype(dict[str, Value]):
    """An object of JavaScript without a prototype."""


class Binary(bytes):
    """Binary data of another kind than Uint8Array, which is bytes. Elements are little-endian."""

    kind: str

    def __new__(cls, data: bytes, kind: str) -> Binary:
        binary = super().__new__(cls, data)
        binary.kind = kind
        return binary


@dataclass(eq=False)
class SparseArray:
    """An array with holes, or with properties beside its items."""

    length: int
    items: dict[int, Value] = field(default_factory=dict)
    properties: dict[str, Value] = field(default_factory=dict)


@dataclass(eq=False)
class Map:
    """A Map: keys of any kind, in the order of insertion."""

    entries: list[tuple[Value, Value]] = field(default_factory=list)

    def get(self, key: Value, default: Value = None) -> Value:
        return next((value for known, value in self.entries if same_key(known) == same_key(key)), default)


@dataclass(eq=False)
class Set:
    """A Set, in the order of insertion."""

    values: list[Value] = field(default_factory=list)


@dataclass(eq=False)
class RegExp:
    """A regular expression of ECMAScript, as text."""

    source: str
    flags: str
    last_index: int = 0


@dataclass(eq=False)
class Url:
    href: str


@dataclass(eq=False)
class Date:
    """An instant beyond the years 1 to 9999, which datetime cannot say, or None: JavaScript's invalid date."""

    text: str | None


@dataclass(eq=False)
class ErrorValue:
    """An error, or a DOMException where type is that. What it says of itself is in parts: name, message, cause …"""

    type: str
    class_name: str | None = None
    parts: dict[str, Value] = field(default_factory=dict)
    properties: list[tuple[str, Value]] = field(default_factory=list)
    hidden: list[tuple[str, Value]] = field(default_factory=list)


@dataclass(eq=False)
class Instance:
    """An instance of a registered class, by its name and the parts that it is made of."""

    class_name: str
    value: Value


ERROR_TYPES: Final = frozenset(
    ["Error", "TypeError", "RangeError", "SyntaxError", "EvalError", "ReferenceError", "URIError", "AggregateError"]
)

# Bytes of one element.
BINARY_KINDS: Final = {
    **dict.fromkeys(["ArrayBuffer", "DataView", "Buffer", "Int8Array", "Uint8Array", "Uint8ClampedArray"], 1),
    **dict.fromkeys(["Int16Array", "Uint16Array", "Float16Array"], 2),
    **dict.fromkeys(["Int32Array", "Uint32Array", "Float32Array"], 4),
    **dict.fromkeys(["Float64Array", "BigInt64Array", "BigUint64Array"], 8),
}

# What text holds of an error, in the order in which it is written.
ERROR_PARTS: Final = ("name", "message", "stack", "cause", "errors")
DOM_EXCEPTION: Final = "DOMException"

# Kinds of value of which two places may hold the same one.
SHARED: Final = (list, dict, Binary, SparseArray, Map, Set, RegExp, Url, Date, ErrorValue, Instance)


def same_key(value: Value) -> tuple[str, object]:
    """Equal for two values that a Map takes for the same key: NaN is itself, -0 is 0, objects are what they are."""
    if isinstance(value, str):
        return ("string", value)
    if isinstance(value, bool) or value is None or value is UNDEFINED:
        return ("constant", repr(value))
    if isinstance(value, int) and is_bigint(value):
        return ("bigint", int(value))
    if isinstance(value, (int, float)):
        return ("number", "NaN" if value != value else float(value))
    return ("object", id(value))


def is_bigint(value: int) -> bool:
    """Whether it is written as one: said to be, or too large for a number."""
    return isinstance(value, BigInt) or abs(value) > 2**53
