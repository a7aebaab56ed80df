"""JSON → values. Whatever the protocol refuses raises Damaged; what it does not know yet raises NotUnderstood."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone

from . import values
from .errors import Damaged, NotUnderstood
from .strict_json import Json
from .values import UNDEFINED, Value

BlobReader = Callable[[str, int], bytes]
"""Gives the bytes of a blob by its hash and size."""

_TAG = re.compile(r"[a-z][a-z0-9-]{0,31}")
_INDEX = re.compile(r"0|[1-9][0-9]*")
_MAX_INDEX = 2**32 - 2
_DATE = re.compile(r"(\d{4}|[+-]\d{6})-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)
_FLAGS = re.compile(r"d?g?i?m?s?(?:u|v)?y?")

# The members of each tag, in their order; those with ? may be left out.
_MEMBERS: Mapping[str, tuple[str, ...]] = {
    "undefined": (),
    "number": ("value",),
    "bigint": ("value",),
    "string": ("parts",),
    "object": ("prototype?", "entries"),
    "array": ("length", "entries"),
    "date": ("value",),
    "map": ("entries",),
    "set": ("values",),
    "regexp": ("source", "flags", "lastIndex"),
    "url": ("href",),
    "error": ("type", "class?", "name?", "message?", "stack?", "cause?", "errors?", "properties?", "hidden?"),
    "dom-exception": ("name", "message", "stack?", "cause?", "properties?", "hidden?"),
    "bytes": ("type", "base64?", "blob?"),
    "class": ("name", "value"),
    "def": ("id", "value"),
    "ref": ("id",),
}
_NO_DEF = frozenset(["def", "ref", "undefined", "number", "bigint", "string"])


def decode(json: Json, *, classes: Collection[str] = (), blob: BlobReader | None = None) -> Value:
    """The value that stands as this JSON. `classes` are the names of the registered classes."""
    try:
        return _Decoding(classes, blob).value(json)
    except RecursionError as error:
        raise NotUnderstood("a value that is nested deeper than this reader goes") from error


@dataclass
class _Def:
    """A value that is referred to elsewhere."""

    solid: int
    """How many values that can only be made when all of their parts are there stand around it."""
    value: Value = None
    made: bool = False
    open: bool = True
    leads_to: set[int] = field(default_factory=set)
    """The values around it that something in it refers to."""


class _Decoding:
    def __init__(self, classes: Collection[str], blob: BlobReader | None) -> None:
        self.classes = classes
        self.blob = blob
        self.defs: dict[int, _Def] = {}
        self.solid = 0
        self.pending: int | None = None

    def value(self, json: Json) -> Value:
        if isinstance(json, list):
            items: list[Value] = []
            self._opened(items)
            items.extend(self.value(item) for item in json)
            return items
        if not isinstance(json, dict):
            return json
        if "$ah" in json:
            return self._tagged(json)
        members: dict[str, Value] = {}
        self._opened(members)
        for name in in_order(json):
            members[name] = self.value(json[name])
        return members

    def _opened(self, value: Value) -> None:
        """Lets references to a value be resolved before all of its parts are there."""
        if self.pending is not None:
            definition = self.defs[self.pending]
            definition.value, definition.made = value, True
            self.pending = None

    def _tagged(self, json: dict[str, Json]) -> Value:
        tag = json["$ah"]
        if not isinstance(tag, str) or _TAG.fullmatch(tag) is None:
            raise Damaged("what stands under $ah is no tag")
        members = _MEMBERS.get(tag)
        if members is None:
            raise NotUnderstood(f"the tag {tag}")
        required = {name for name in members if not name.endswith("?")}
        if not required <= json.keys() - {"$ah"} <= {name.rstrip("?") for name in members}:
            raise Damaged(f"a tagged {tag} lacks a member, or has one too many")
        read = getattr(self, "_" + tag.replace("-", "_"))
        return read(json)

    # Primitive values

    def _undefined(self, _json: dict[str, Json]) -> Value:
        return UNDEFINED

    def _number(self, json: dict[str, Json]) -> Value:
        if json["value"] not in ("NaN", "Infinity", "-Infinity", "-0"):
            raise Damaged("a tagged number that JSON can say, or that is none")
        return float(json["value"])

    def _bigint(self, json: dict[str, Json]) -> Value:
        text = _string(json["value"])
        if re.fullmatch("0|-?[1-9][0-9]*", text) is None:
            raise Damaged("a bigint that is no decimal integer")
        return values.BigInt(_integer_of(text))

    def _string(self, json: dict[str, Json]) -> Value:
        units = b""
        for part in _list(json["parts"]):
            if isinstance(part, int) and not isinstance(part, bool) and 0xD800 <= part <= 0xDFFF:
                units += part.to_bytes(2, "little")
            else:
                units += _string(part).encode("utf-16-le", "surrogatepass")
        return units.decode("utf-16-le", "surrogatepass")

    # Containers, which may be parts of a cycle

    def _object(self, json: dict[str, Json]) -> Value:
        if json.get("prototype") is not None:
            raise Damaged("the prototype of an object is null, or not said")
        made: dict[str, Value] = values.NullPrototype() if "prototype" in json else {}
        self._opened(made)
        for key, value in self._properties(json["entries"]):
            made[key] = value
        return made

    def _properties(self, json: Json) -> list[tuple[str, Value]]:
        """Keys, as values, that must be strings, none twice; and values."""
        known: set[str] = set()
        properties = []
        for key_json, value_json in _pairs(json):
            key = self.value(key_json)
            if not isinstance(key, str) or key in known:
                raise Damaged("a key is no string, or stands twice")
            known.add(key)
            properties.append((key, self.value(value_json)))
        return properties

    def _array(self, json: dict[str, Json]) -> Value:
        length = _natural(json["length"], 2**32 - 1)
        array = values.SparseArray(length)
        self._opened(array)
        for key, value_json in _pairs(json["entries"]):
            if isinstance(key, int) and not isinstance(key, bool) and 0 <= key < length and key not in array.items:
                array.items[key] = self.value(value_json)
                continue
            name = self.value(key)
            if not isinstance(name, str) or is_index(name) or name == "length" or name in array.properties:
                raise Damaged("an array has an entry that is no index of it and no property")
            array.properties[name] = self.value(value_json)
        return array

    def _map(self, json: dict[str, Json]) -> Value:
        made = values.Map()
        self._opened(made)
        known: set[object] = set()
        for key_json, value_json in _pairs(json["entries"]):
            key = self.value(key_json)
            self._once(known, key)
            made.entries.append((key, self.value(value_json)))
        return made

    def _set(self, json: dict[str, Json]) -> Value:
        made = values.Set()
        self._opened(made)
        known: set[object] = set()
        for item in _list(json["values"]):
            value = self.value(item)
            self._once(known, value)
            made.values.append(value)
        return made

    def _once(self, known: set[object], value: Value) -> None:
        key = values.same_key(value)
        if key in known:
            raise Damaged("a map or set has a key or value twice")
        known.add(key)

    def _error(self, json: dict[str, Json]) -> Value:
        if json["type"] not in values.ERROR_TYPES:
            raise Damaged("the type of an error is not a built-in one")
        error = values.ErrorValue(json["type"])
        self._opened(error)
        if "class" in json:
            error.class_name = _string(self.value(json["class"]))
        return self._error_parts(error, json)

    def _dom_exception(self, json: dict[str, Json]) -> Value:
        return self._solid(lambda: self._error_parts(values.ErrorValue(values.DOM_EXCEPTION), json))

    def _error_parts(self, error: values.ErrorValue, json: dict[str, Json]) -> Value:
        for name in values.ERROR_PARTS:
            if name in json:
                error.parts[name] = self.value(json[name])
        error.properties = self._properties(json.get("properties", []))
        error.hidden = self._properties(json.get("hidden", []))
        if {key for key, _ in error.properties} & {key for key, _ in error.hidden}:
            raise Damaged("an error has a property twice")
        return error

    # Values that are made when all of their parts are there

    def _solid(self, make: Callable[[], Value]) -> Value:
        self.solid += 1
        pending, self.pending = self.pending, None
        value = make()
        self.pending = pending
        self.solid -= 1
        self._opened(value)
        return value

    def _date(self, json: dict[str, Json]) -> Value:
        return self._solid(lambda: _date_of(json["value"]))

    def _regexp(self, json: dict[str, Json]) -> Value:
        def make() -> Value:
            source, flags = _string(self.value(json["source"])), _string(json["flags"])
            if _FLAGS.fullmatch(flags) is None or not _looks_like_a_pattern(source):
                raise Damaged("a regular expression that is none")
            return values.RegExp(source, flags, _natural(json["lastIndex"], 2**53 - 1))

        return self._solid(make)

    def _url(self, json: dict[str, Json]) -> Value:
        href = _string(json["href"])
        # Not the whole of the WHATWG standard: what a writer gets wrong most often.
        if re.match(r"[a-z][a-z0-9+.-]*:", href) is None or re.search(r"[\x00-\x20]", href) or _has_upper_host(href):
            raise Damaged("a URL that is not in its normal form")
        return self._solid(lambda: values.Url(href))

    def _bytes(self, json: dict[str, Json]) -> Value:
        return self._solid(lambda: self._binary(json))

    def _binary(self, json: dict[str, Json]) -> Value:
        kind = json["type"]
        size = values.BINARY_KINDS.get(kind) if isinstance(kind, str) else None
        if size is None or ("base64" in json) == ("blob" in json):
            raise Damaged("binary data of no known type, or without its bytes")
        data = _base64(json["base64"]) if "base64" in json else self._blob(json["blob"])
        if len(data) % size:
            raise Damaged("binary data ends within an element")
        return data if kind == "Uint8Array" else values.Binary(data, kind)

    def _blob(self, json: Json) -> bytes:
        if not isinstance(json, dict) or json.keys() != {"sha256", "size"}:
            raise Damaged("a blob is not named by its hash and size")
        hash_, size = _string(json["sha256"]), _natural(json["size"], 2**53 - 1)
        if re.fullmatch("[0-9a-f]{64}", hash_) is None:
            raise Damaged("the hash of a blob is none")
        if self.blob is None:
            raise Damaged("a value names a blob where none may stand")
        return self.blob(hash_, size)

    def _class(self, json: dict[str, Json]) -> Value:
        name = _string(json["name"])
        if name not in self.classes:
            raise NotUnderstood(f"the class {name}")
        return self._solid(lambda: values.Instance(name, self.value(json["value"])))

    # References

    def _def(self, json: dict[str, Json]) -> Value:
        id_, inner = _natural(json["id"], 2**53 - 1), json["value"]
        tag = inner.get("$ah") if isinstance(inner, dict) else None
        if id_ in self.defs or not isinstance(inner, (dict, list)) or (isinstance(tag, str) and tag in _NO_DEF):
            raise Damaged("a def stands twice, or of a value that nothing refers to")
        definition = self.defs[id_] = _Def(self.solid)
        self.pending = id_
        value = self.value(inner)
        definition.open = False
        return value

    def _ref(self, json: dict[str, Json]) -> Value:
        id_ = _natural(json["id"], 2**53 - 1)
        definition = self.defs.get(id_)
        if definition is None:
            raise Damaged("a ref stands before its def")
        for target in [id_] if definition.open else [each for each in definition.leads_to if self.defs[each].open]:
            if not self.defs[target].made or self.solid > self.defs[target].solid:
                raise Damaged("a cycle leads through a value that can only be made when all of its parts are there")
            for each in self.defs.values():
                if each.open:
                    each.leads_to.add(target)
        return definition.value


def in_order(members: Mapping[str, object]) -> list[str]:
    """The names of a plain object as ECMAScript orders them: array indices first, ascending."""
    indices = [name for name in members if is_index(name)]
    return [*sorted(indices, key=int), *(name for name in members if not is_index(name))] if indices else list(members)


def is_index(name: str) -> bool:
    return len(name) <= 10 and _INDEX.fullmatch(name) is not None and int(name) <= _MAX_INDEX


def _integer_of(text: str) -> int:
    try:
        return int(text)
    except ValueError:  # Python bounds the digits that int() takes.
        number = 0
        for start in range(text.startswith("-"), len(text), 4000):
            chunk = text[start : start + 4000]
            number = number * 10 ** len(chunk) + int(chunk)
        return -number if text.startswith("-") else number


def _date_of(text: Json) -> Value:
    if text is None:
        return values.Date(None)
    if not isinstance(text, str) or _DATE.fullmatch(text) is None:
        raise Damaged("a date that is not written as one")
    if text[0] in "+-" or text.startswith("0000"):
        return values.Date(text)
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=timezone.utc)
    except ValueError as error:
        raise Damaged("a date that does not exist") from error


def _base64(json: Json) -> bytes:
    text = _string(json)
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Damaged("bytes that are not base64") from error
    if base64.b64encode(data).decode() != text:
        raise Damaged("bytes that are not canonical base64")
    return data


def _looks_like_a_pattern(source: str) -> bool:
    """What Python can tell of a pattern of ECMAScript: that its parentheses close."""
    plain = re.sub(r"\\.|\[(?:\\.|[^\]\\])*\]", "", source, flags=re.DOTALL)
    depth = 0
    for character in plain:
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth < 0:
            return False
    return depth == 0


def _has_upper_host(href: str) -> bool:
    host = re.match(r"[a-z][a-z0-9+.-]*://(?:[^/?#@]*@)?([^/?#]*)", href)
    return host is not None and host[1] != host[1].lower()


def _string(json: Json) -> str:
    if not isinstance(json, str):
        raise Damaged("a member of a tagged object is no string")
    return json


def _natural(json: Json, most: int) -> int:
    if not isinstance(json, int) or isinstance(json, bool) or not 0 <= json <= most:
        raise Damaged("a member of a tagged object is no integer within its bounds")
    return json


def _list(json: Json) -> list[Json]:
    if not isinstance(json, list):
        raise Damaged("a member of a tagged object is no array")
    return json


def _pairs(json: Json) -> list[tuple[Json, Json]]:
    pairs = []
    for pair in _list(json):
        if not isinstance(pair, list) or len(pair) != 2:
            raise Damaged("an entry of a tagged object is no pair")
        pairs.append((pair[0], pair[1]))
    return pairs
