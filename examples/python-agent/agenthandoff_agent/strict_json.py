"""JSON as the protocol reads and writes it: no name twice, no number that a float64 does not hold, numbers and
strings as ECMAScript writes them."""

from __future__ import annotations

import decimal
import json
import re
from typing import Any

from .errors import Damaged, NotUnderstood

# What json.loads makes. Its values are checked where they are used.
Json = Any

MAX_TEXT_BYTES = 65 * 1024 * 1024
MAX_SAFE_INTEGER = 2**53
MAX_DIGITS = 100
MAX_NUMBER_CHARACTERS = 1_100


def parse(data: bytes | str) -> Json:
    """The value that a text says. Raises Damaged where the protocol refuses the text."""
    if len(data) > MAX_TEXT_BYTES:
        raise NotUnderstood(f"a text of more than {MAX_TEXT_BYTES} bytes")
    try:
        text = data if isinstance(data, str) else data.decode("utf-8")
        return json.loads(
            text,
            object_pairs_hook=_unique,
            parse_int=_number,
            parse_float=_number,
            parse_constant=_refuse_constant,
        )
    except UnicodeDecodeError as error:
        raise Damaged("a text is not UTF-8") from error
    except RecursionError as error:
        raise NotUnderstood("JSON that is nested deeper than this reader goes") from error
    except ValueError as error:
        raise Damaged(f"a text is not JSON: {error}") from error


def parse_object(data: bytes | str) -> dict[str, Json]:
    value = parse(data)
    if not isinstance(value, dict):
        raise Damaged("a text is JSON, but no object")
    return value


def _unique(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise Damaged("a name occurs twice in an object")
    return members


def _refuse_constant(text: str) -> Json:
    raise Damaged(f"{text} is not JSON")


def _number(text: str) -> int | float:
    """JSON has one kind of number, a float64; those that are safe integers become int."""
    if not _is_exact(text):
        raise Damaged(f"a float64 does not hold the number {text[:40]}")
    number = float(text)
    if number.is_integer() and abs(number) <= MAX_SAFE_INTEGER and not text.startswith("-0"):
        return int(number)
    return number


def _is_exact(text: str) -> bool:
    """Whether the nearest float64, rounded to as many significant digits as the text has, is the text."""
    if len(text) > MAX_NUMBER_CHARACTERS:
        return False
    digits = re.split("[eE]", text)[0].lstrip("-").replace(".", "").strip("0")
    if not digits:
        return True
    number = float(text)
    if number in (float("inf"), float("-inf"), 0.0) or len(digits) > MAX_DIGITS:
        return False
    written = decimal.Decimal(text)
    for rounding in (decimal.ROUND_HALF_UP, decimal.ROUND_HALF_EVEN):
        if decimal.Context(prec=len(digits), rounding=rounding).create_decimal_from_float(number) == written:
            return True
    return False


def write(value: Json, *, canonical: bool = False) -> str:
    """The text of a value. `canonical` is RFC 8785: names sorted by their UTF-16 code units."""
    if isinstance(value, dict):
        names = sorted(value, key=_utf16) if canonical else value
        return "{" + ",".join(f"{_string(name)}:{write(value[name], canonical=canonical)}" for name in names) + "}"
    if isinstance(value, list):
        return "[" + ",".join(write(item, canonical=canonical) for item in value) + "]"
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    if isinstance(value, (int, float)):
        return number_text(value)
    if isinstance(value, str):
        return _string(value)
    raise TypeError(f"{type(value).__name__} is not JSON")


def write_ascii(value: Json) -> str:
    """In printable ASCII, every other character escaped, as queues want it."""
    return re.sub(
        "[\x7f-\U0010ffff]", lambda match: json.dumps(match[0])[1:-1] if match[0] != "\x7f" else "\\u007f", write(value)
    )


def _string(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _utf16(text: str) -> bytes:
    return text.encode("utf-16-be", "surrogatepass")


def number_text(number: int | float) -> str:
    """As ECMAScript's Number::toString: the shortest digits that read back as the same float64."""
    value = float(number)
    if value == 0:
        return "0"
    sign, digits, exponent = decimal.Decimal(repr(value)).normalize().as_tuple()
    if not isinstance(exponent, int):
        raise ValueError(f"{value} is no number of JSON")
    text = "".join(map(str, digits))
    point = len(text) + exponent  # where the decimal point stands, counted from the first digit
    minus = "-" if sign else ""
    if len(text) <= point <= 21:
        return minus + text + "0" * (point - len(text))
    if 0 < point <= 21:
        return f"{minus}{text[:point]}.{text[point:]}"
    if -6 < point <= 0:
        return f"{minus}0.{'0' * -point}{text}"
    fraction = f".{text[1:]}" if len(text) > 1 else ""
    return f"{minus}{text[0]}{fraction}e{'+' if point > 0 else '-'}{abs(point - 1)}"
