"""Texts for people: of bounded length, and without credentials."""

from __future__ import annotations

import re

_MAX_MESSAGE = 2_000

# Errors of HTTP clients like to quote the request that failed. These are the places where credentials stand in one.
_SECRETS = (
    (
        r"(?i)\b(authorization|proxy-authorization|x-api-key|api-key|apikey|api_key|cookie|set-cookie|x-amz-security-token)"
        r"([\"']?\s*[:=]\s*[\"']?)[^\r\n\"',}]{1,4096}",
        r"\1\2[redacted]",
    ),
    (r"(?i)\b(bearer|basic)\s+[A-Za-z0-9+/_=.~-]{8,4096}", r"\1 [redacted]"),
    (r"\b(?:sk|pk|rk)-[A-Za-z0-9_-]{16,256}", "[redacted]"),
    (r"\bAKIA[A-Z0-9]{16}\b", "[redacted]"),
    (r"(://[^/\s:@]{1,256}:)[^/\s@]{1,256}@", r"\1[redacted]@"),
)


def shortened(text: str, most: int) -> str:
    """At most so many UTF-16 code units, which is what JavaScript counts. A text that was cut ends with …"""
    units = text.encode("utf-16-le", "surrogatepass")
    if len(units) <= 2 * most:
        return text
    return units[: 2 * (most - 1)].decode("utf-16-le", "ignore") + "…"


def redacted(text: str) -> str:
    """A text for the record: well-formed, without credentials in well-known places, and of bounded length."""
    text = text[: 4 * _MAX_MESSAGE].encode("utf-8", "replace").decode("utf-8")
    for pattern, replacement in _SECRETS:
        text = re.sub(pattern, replacement, text)
    return shortened(text, _MAX_MESSAGE)


def summary_of(error: BaseException) -> dict[str, str]:
    """An error as the record keeps it."""
    try:
        message = str(error)
    except Exception:
        message = "what was raised cannot be read"
    return {"name": shortened(type(error).__name__, 128), "message": redacted(message)}
