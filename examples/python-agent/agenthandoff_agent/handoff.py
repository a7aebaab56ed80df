"""The immutable record of one hop, and what was learned in it (docs/protocol, section 3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from . import schemas
from .envelope import refuse_newer
from .errors import Damaged, NotUnderstood
from .keys import sha256
from .strict_json import Json, parse_object, write

Record = dict[str, Any]
"""As it is written: names in snake_case, values encoded."""

ENTRY_KINDS = frozenset(["input", "answer", "message", "output", "state", "view", "artifact"])
UNDERSTOOD_FEATURES: frozenset[str] = frozenset()


@dataclass(frozen=True)
class StoredHandoff:
    record: Record
    raw: bytes

    @cached_property
    def sha256(self) -> str:
        return sha256(self.raw)

    @property
    def hop(self) -> int:
        hop: int = self.record["hop"]
        return hop

    @property
    def decision(self) -> dict[str, Any]:
        decision: dict[str, Any] = self.record["decision"]
        return decision

    @cached_property
    def entries(self) -> list[dict[str, Json]]:
        """What was learned, one line each. Lines of kinds that nobody here knows are passed over."""
        lines = (parse_object(line) for line in self.raw.split(b"\n")[1:-1])
        return [entry for entry in lines if _is_entry(entry)]


def parse_handoff(raw: bytes) -> StoredHandoff:
    """Raises Damaged where the bytes are no handoff, NotUnderstood where a newer version wrote them."""
    if not raw.endswith(b"\n"):
        raise Damaged("a handoff does not end with a line feed")
    record = parse_object(raw.split(b"\n", 1)[0])
    refuse_newer(record, "a handoff")
    requires = record.get("requires")
    unknown = [each for each in requires if each not in UNDERSTOOD_FEATURES] if isinstance(requires, list) else []
    if any(isinstance(each, str) for each in unknown):
        raise NotUnderstood("a handoff requires a feature that is not known here")
    problem = schemas.problem("handoff", record)
    if problem is not None:
        raise Damaged(f"a handoff has missing or wrong fields: {problem}")
    record.setdefault("classes", [])
    record.setdefault("blobs", [])
    return StoredHandoff(record, raw)


def serialize_handoff(record: Record, entries: Iterable[dict[str, Json]]) -> StoredHandoff:
    lines = [record, *entries]
    return StoredHandoff(record, b"".join(write(line).encode("utf-8") + b"\n" for line in lines))


def _is_entry(line: dict[str, Json]) -> bool:
    kind = line.get("kind")
    if not isinstance(kind, str):
        raise Damaged("a line of a handoff has no kind")
    if kind == "handoff":
        raise Damaged("a handoff has a second record")
    if kind not in ENTRY_KINDS:
        return False
    problem = schemas.problem("entry", line)
    if problem is not None:
        raise Damaged(f"an entry of kind {kind} has missing or wrong fields: {problem}")
    return True
