"""Values → JSON. Whatever would not come back as it is raises NotSerializable, which names the place."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta, timezone
from enum import Enum

from . import values
from .decode import in_order
from .errors import NotSerializable
from .keys import sha256
from .strict_json import Json, write
from .values import Value

BlobWriter = Callable[[bytes], None]
"""Is given the bytes that a value refers to by their hash."""

BLOB_BYTES = 64 * 1024
MAX_CANONICAL_PARTS = 1_000_000
_SURROGATE = re.compile("([\ud800-\udfff])")


def encode(
    value: Value, *, classes: Collection[str] = (), blob: BlobWriter | None = None, used: set[str] | None = None
) -> Json:
    """The JSON that a value stands as. Without `blob` all bytes are written in place. The names of classes that the
    value holds are added to `used`."""
    encoding = _Encoding(classes, blob, used if used is not None else set())
    try:
        encoding.look(value)
        return encoding.value(value, "value")
    except RecursionError as error:
        raise NotSerializable("the value is nested too deeply; give what it holds as several outputs") from error


class _Encoding:
    def __init__(self, classes: Collection[str], blob: BlobWriter | None, used: set[str]) -> None:
        self.classes = classes
        self.blob = blob
        self.used = used
        self.seen: set[int] = set()
        self.ids: dict[int, int] = {}
        self.written: set[int] = set()

    def look(self, value: Value) -> None:
        """Finds what stands in several places, in the order of the text."""
        if isinstance(value, values.SHARED):
            if id(value) in self.seen:
                self.ids.setdefault(id(value), len(self.ids))
                return
            self.seen.add(id(value))
        for part in _parts(value):
            self.look(part)

    def value(self, value: Value, path: str) -> Json:
        number = self.ids.get(id(value)) if isinstance(value, values.SHARED) else None
        if number is None:
            return self._one(value, path)
        if number in self.written:
            return {"$ah": "ref", "id": number}
        self.written.add(number)
        return {"$ah": "def", "id": number, "value": self._one(value, path)}

    def _one(self, value: Value, path: str) -> Json:
        if value is None or isinstance(value, bool):
            return value
        if value is values.UNDEFINED:
            return {"$ah": "undefined"}
        if isinstance(value, Enum):
            raise NotSerializable(f"{path} is a member of an Enum, which no other language knows; give its .value")
        if isinstance(value, int):
            return {"$ah": "bigint", "value": _decimal(value)} if values.is_bigint(value) else int(value)
        if isinstance(value, float):
            return _number(value)
        if isinstance(value, str):
            return _text(value)
        if isinstance(value, (bytes, bytearray)):
            return self._binary(value)
        if isinstance(value, datetime):
            return {"$ah": "date", "value": _instant(value, path)}
        if type(value) is list:
            return [self.value(item, f"{path}[{index}]") for index, item in enumerate(value)]
        if type(value) in (dict, values.NullPrototype):
            return self._object(value, path)
        return self._tagged(value, path)

    def _object(self, value: Mapping[Value, Value], path: str) -> Json:
        for name in value:
            if not isinstance(name, str):
                raise NotSerializable(f"{path} has a key that is no string; give a Map, whose keys may be anything")
        if _is_plain(value):
            return {name: self.value(value[name], f"{path}.{name}") for name in in_order(value)}
        entries = [[_text(name), self.value(item, f"{path}.{name}")] for name, item in value.items()]
        bare: dict[str, Json] = {"prototype": None} if isinstance(value, values.NullPrototype) else {}
        return {"$ah": "object", **bare, "entries": entries}

    def _tagged(self, value: Value, path: str) -> Json:
        if isinstance(value, values.SparseArray):
            items = [[index, self.value(item, f"{path}[{index}]")] for index, item in value.items.items()]
            more = [[_text(name), self.value(item, f"{path}.{name}")] for name, item in value.properties.items()]
            return {"$ah": "array", "length": value.length, "entries": [*items, *more]}
        if isinstance(value, values.Map):
            pairs = [
                [self.value(key, f"{path}<key>"), self.value(item, f"{path}<value>")] for key, item in value.entries
            ]
            self._no_twice([key for key, _ in value.entries], path)
            return {"$ah": "map", "entries": pairs}
        if isinstance(value, values.Set):
            self._no_twice(value.values, path)
            return {"$ah": "set", "values": [self.value(item, f"{path}<item>") for item in value.values]}
        if isinstance(value, values.RegExp):
            source = _text(value.source)
            return {"$ah": "regexp", "source": source, "flags": value.flags, "lastIndex": value.last_index}
        if isinstance(value, values.Url):
            return {"$ah": "url", "href": value.href}
        if isinstance(value, values.Date):
            return {"$ah": "date", "value": value.text}
        if isinstance(value, values.ErrorValue):
            return self._error(value, path)
        if isinstance(value, values.Instance):
            return self._instance(value, path)
        raise NotSerializable(
            f"{path} is a {type(value).__qualname__}, {_ADVICE.get(type(value).__name__, _OTHERWISE)}"
        )

    def _error(self, error: values.ErrorValue, path: str) -> Json:
        dom = error.type == values.DOM_EXCEPTION
        json: dict[str, Json] = {"$ah": "dom-exception"} if dom else {"$ah": "error", "type": error.type}
        if error.class_name is not None:
            json["class"] = _text(error.class_name)
        for name in values.ERROR_PARTS:
            if name in error.parts:
                json[name] = self.value(error.parts[name], f"{path}.{name}")
        for name, properties in (("properties", error.properties), ("hidden", error.hidden)):
            if properties:
                json[name] = [[_text(key), self.value(item, f"{path}.{key}")] for key, item in properties]
        return json

    def _instance(self, value: values.Instance, path: str) -> Json:
        if value.class_name not in self.classes:
            raise NotSerializable(f"{path} is of the class {value.class_name}, which is not registered")
        self.used.add(value.class_name)
        return {"$ah": "class", "name": value.class_name, "value": self.value(value.value, path)}

    def _binary(self, value: bytes | bytearray) -> Json:
        kind = value.kind if isinstance(value, values.Binary) else "Uint8Array"
        data = bytes(value)
        if self.blob is not None and len(data) >= BLOB_BYTES:
            self.blob(data)
            return {"$ah": "bytes", "type": kind, "blob": {"sha256": sha256(data), "size": len(data)}}
        return {"$ah": "bytes", "type": kind, "base64": base64.b64encode(data).decode()}

    def _no_twice(self, keys: list[Value], path: str) -> None:
        if len({values.same_key(key) for key in keys}) != len(keys):
            raise NotSerializable(f"{path} has a key or value twice")


_OTHERWISE = "which no other language knows; give what it holds as a dict"
_ADVICE = {
    "tuple": "which would come back as a list; give list(…)",
    "set": "which has no order; give a Set, or a sorted list",
    "frozenset": "which has no order; give a Set, or a sorted list",
    "Decimal": "which JSON does not know; give str(…) or float(…)",
    "date": "which is no instant; give isoformat()",
    "time": "which is no instant; give isoformat()",
}


def _is_plain(value: Mapping[Value, Value]) -> bool:
    """Whether an object is written as it is."""
    odd = ("$ah", "__proto__")
    names_are_plain = all(isinstance(name, str) and name not in odd and not _SURROGATE.search(name) for name in value)
    return names_are_plain and not isinstance(value, values.NullPrototype)


def _parts(value: Value) -> list[Value]:
    """What stands within a value, in the order of the text."""
    if isinstance(value, list):
        return value
    if isinstance(value, dict):
        return [value[name] for name in (in_order(value) if _is_plain(value) else value)]
    if isinstance(value, values.SparseArray):
        return [*value.items.values(), *value.properties.values()]
    if isinstance(value, values.Map):
        return [part for entry in value.entries for part in entry]
    if isinstance(value, values.Set):
        return value.values
    if isinstance(value, values.ErrorValue):
        parts = [value.parts[name] for name in values.ERROR_PARTS if name in value.parts]
        return [*parts, *(item for _, item in value.properties), *(item for _, item in value.hidden)]
    return [value.value] if isinstance(value, values.Instance) else []


def _number(value: float) -> Json:
    if value != value:
        return {"$ah": "number", "value": "NaN"}
    if value in (float("inf"), float("-inf")):
        return {"$ah": "number", "value": "Infinity" if value > 0 else "-Infinity"}
    if value == 0 and str(value).startswith("-"):
        return {"$ah": "number", "value": "-0"}
    return value


def _text(text: str) -> Json:
    joined = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    if _SURROGATE.search(joined) is None:
        return joined
    parts = [part for part in _SURROGATE.split(joined) if part]
    return {"$ah": "string", "parts": [ord(part) if _SURROGATE.fullmatch(part) else part for part in parts]}


def _decimal(value: int) -> str:
    try:
        return str(int(value))
    except ValueError as error:  # Python bounds the digits that str() gives.
        raise NotSerializable("an integer of more digits than sys.get_int_max_str_digits() allows") from error


def _instant(value: datetime, path: str) -> str:
    if value.utcoffset() is None:
        raise NotSerializable(f"{path} is a datetime without a time zone; give datetime.now(timezone.utc)")
    if value.microsecond % 1000:
        raise NotSerializable(f"{path} is finer than a millisecond; give value.replace(microsecond=…) without the rest")
    utc = value.astimezone(timezone.utc)
    return f"{utc.year:04}-{utc:%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03}Z"


def canonical_text(value: Value, *, classes: Collection[str] = ()) -> str:
    """The text that is hashed where a value is: RFC 8785, with shared parts written out each time."""
    json = encode(value, classes=classes)
    defs: dict[int, Json] = {}
    parts = 0

    def collect(part: Json) -> None:
        if isinstance(part, dict) and part.get("$ah") == "def":
            defs[part["id"]] = part["value"]
        for item in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
            collect(item)

    def expand(part: Json, within: frozenset[int]) -> Json:
        nonlocal parts
        parts += 1
        if parts > MAX_CANONICAL_PARTS:
            raise NotSerializable("a value with shared parts is too large to be hashed; give less, or a hash of it")
        if isinstance(part, list):
            return [expand(item, within) for item in part]
        if not isinstance(part, dict):
            return part
        if part.get("$ah") in ("def", "ref"):
            if part["id"] in within:
                raise NotSerializable("a value with a cycle has no canonical text")
            return expand(defs[part["id"]], within | {part["id"]})
        return {name: expand(item, within) for name, item in part.items()}

    collect(json)
    return write(expand(json, frozenset()), canonical=True)


def now() -> datetime:
    """This instant, as exact as a record keeps one."""
    instant = datetime.now(timezone.utc)
    return instant - timedelta(microseconds=instant.microsecond % 1000)
