"""Ids, the keys that are made of them, and hashes (docs/protocol, sections 1 and 2)."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timezone

_TASK_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,126}")
_USERS_TASK_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_PREFIX = re.compile(r"(?:(?!\.\.?/)[\x20-\x2e\x30-\x7e]+/)*")
MAX_HOP = 9_999_999_999


def is_task_id(text: str) -> bool:
    """Whether a reader accepts it."""
    return _TASK_ID.fullmatch(text) is not None


def is_users_task_id(text: str) -> bool:
    return _USERS_TASK_ID.fullmatch(text) is not None


def is_name(text: str) -> bool:
    """Of an agent or a relay."""
    return _NAME.fullmatch(text) is not None


def derived_task_id(parent: str, hop: int, index: int) -> str:
    name = f"{parent}.{hop}.{index}"
    return name if is_task_id(name) else f"x.{sha256(name.encode())}"


@dataclass(frozen=True)
class Keys:
    """Where a relay's objects lie. A reader makes each key itself, and never uses one from a message."""

    relay_id: str
    prefix: str = ""

    def __post_init__(self) -> None:
        if not is_name(self.relay_id):
            raise ValueError(f"the relay id must match {_NAME.pattern}")
        if len(self.prefix) > 200 or _PREFIX.fullmatch(self.prefix) is None:
            raise ValueError("the prefix must be empty, or parts of printable ASCII that each end with /, up to 200")

    def slots(self, task_id: str) -> str:
        return f"{self.prefix}{self.relay_id}/slots/{task_id}/"

    def slot(self, task_id: str, hop: int) -> str:
        return f"{self.slots(task_id)}{hop:010}.ndjson.gz"

    def parse_slot(self, key: str) -> tuple[str, int] | None:
        """The task and the hop of a slot's key, or None where it is none."""
        start = f"{self.prefix}{self.relay_id}/slots/"
        match = re.fullmatch(r"([^/]+)/([0-9]{10})\.ndjson\.gz", key[len(start) :]) if key.startswith(start) else None
        return (match[1], int(match[2])) if match and is_task_id(match[1]) else None

    def blob(self, task_id: str, hash_: str) -> str:
        return f"{self.prefix}{self.relay_id}/blobs/{task_id}/{hash_}"

    def runs(self, task_id: str, step: int) -> str:
        return f"{self.prefix}{self.relay_id}/runs/{task_id}/{step}/"


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def now_text() -> str:
    """This instant, as the protocol writes one."""
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def milliseconds_of(text: str) -> int:
    """The instant that a record names, in milliseconds since the epoch."""
    instant = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=timezone.utc)
    return round(instant.timestamp() * 1000)
