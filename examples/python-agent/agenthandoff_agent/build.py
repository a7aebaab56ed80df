"""What an agent gave back → the handoff to commit."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from . import schemas
from .chain import Chain
from .context import Complete, Fail, File, Handoff, Message, NewEntry, Output, Result, State, Wait
from .encode import encode
from .errors import NotSerializable
from .handoff import StoredHandoff, serialize_handoff
from .keys import now_text, sha256
from .strict_json import Json
from .text import redacted


@dataclass(frozen=True)
class Author:
    agent: str
    version: str | None
    attempt: str


@dataclass
class Built:
    """A handoff that is ready to commit, and the bytes that must be stored before it."""

    handoff: StoredHandoff
    blobs: dict[str, bytes] = field(default_factory=dict)


class _Entries:
    """Encodes values, and keeps what they refer to."""

    def __init__(self, classes: Collection[str]) -> None:
        self.classes = classes
        self.used: set[str] = set()
        self.blobs: dict[str, bytes] = {}
        self.records: dict[str, dict[str, Json]] = {}

    def keep(self, data: bytes, of: str) -> dict[str, Json]:
        hash_ = sha256(data)
        self.blobs[hash_] = data
        # One blob may serve as both: a reader that must decode a value needs it at once.
        if of == "value" or hash_ not in self.records:
            self.records[hash_] = {"sha256": hash_, "size": len(data), "of": of}
        return self.records[hash_]

    def line(self, entry: NewEntry) -> dict[str, Json]:
        if isinstance(entry, File):
            data = entry.data.encode() if isinstance(entry.data, str) else bytes(entry.data)
            text = "text/plain; charset=utf-8" if isinstance(entry.data, str) else "application/octet-stream"
            kept = self.keep(data, "artifact")
            media_type = entry.media_type or text
            size_and_hash = {"size": kept["size"], "sha256": kept["sha256"]}
            return {"kind": "artifact", "name": entry.name, "media_type": media_type, **size_and_hash}
        kinds = {Output: "output", State: "state", Message: "message"}
        kind = kinds.get(type(entry))
        if kind is None:
            raise NotSerializable(f"an entry is a {type(entry).__name__}; give Output, State, Message or File")
        name = getattr(entry, "name", None)
        return {"kind": kind, **({} if name is None else {"name": name}), "value": self.value(entry.value)}

    def value(self, value: Any) -> Json:
        return encode(value, classes=self.classes, blob=lambda data: void(self.keep(data, "value")), used=self.used)

    def inline(self, value: Any) -> Json:
        return encode(value, classes=self.classes, used=self.used)


def void(_value: object) -> None:
    return None


def build(chain: Chain, author: Author, result: Result, classes: Collection[str]) -> Built:
    """Raises NotSerializable where something cannot be kept as it is. Nothing is stored yet."""
    entries = _Entries(classes)
    lines = [entries.line(entry) for entry in result.entries]
    decision = _decision(result, entries)
    return _finish(chain, author, decision, entries, lines, result.usage)


def build_failure(
    chain: Chain, author: Author, reason: str, error: dict[str, str] | None = None, unsent: Iterable[bytes] = ()
) -> Built:
    """A handoff that fails the task. It must always be possible, so it holds no entries."""
    entries = _Entries(())
    for data in unsent:
        entries.keep(data, "unsent")
    decision = {"kind": "fail", "reason": redacted(reason), **({"error": error} if error else {})}
    return _finish(chain, author, decision, entries, [], None)


def _decision(result: Result, entries: _Entries) -> dict[str, Json]:
    reason = {} if result.reason is None else {"reason": result.reason}
    match result:
        case Handoff():
            return {"kind": "handoff", "to": result.to, **reason}
        case Complete():
            return {"kind": "complete", **reason}
        case Fail():
            return {"kind": "fail", **reason}
        case Wait():
            question = {} if result.question is None else {"question": entries.inline(result.question)}
            return {"kind": "wait", **reason, "on": {"kind": "answer", **question}}


def _finish(
    chain: Chain,
    author: Author,
    decision: dict[str, Json],
    entries: _Entries,
    lines: list[dict[str, Json]],
    usage: dict[str, int] | None,
) -> Built:
    hop = len(chain.handoffs)
    record = {
        "kind": "handoff",
        "v": 1,
        "requires": [],
        "relay_id": chain.relay_id,
        "task_id": chain.task_id,
        "hop": hop,
        "step": hop,
        "from_agent": author.agent,
        **({} if author.version is None else {"agent_version": author.version}),
        "created_at": now_text(),
        "commit_id": secrets.token_urlsafe(16),
        "previous": chain.head.sha256,
        "origin": None,
        "attempt": author.attempt,
        "decision": decision,
        "usage": usage,
        "classes": sorted(entries.used),
        "blobs": list(entries.records.values()),
    }
    # What no reader would accept must never fill a slot.
    for name, line in (("handoff", record), *(("entry", line) for line in lines)):
        problem = schemas.problem(name, line)  # type: ignore[arg-type]
        if problem is not None:
            raise NotSerializable(f"the {name} is not as the protocol has it: {problem}")
    try:
        return Built(serialize_handoff(record, lines), entries.blobs)
    except UnicodeEncodeError as error:
        raise NotSerializable("a name or a reason holds half a character, which UTF-8 cannot say") from error
