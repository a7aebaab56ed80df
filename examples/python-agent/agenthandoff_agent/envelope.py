"""The queue message that points at a handoff (docs/protocol, section 6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from . import schemas
from .errors import Damaged, NotUnderstood, Unusable
from .strict_json import parse_object, write_ascii

MAX_CHARACTERS = 16_384


@dataclass(frozen=True)
class Envelope:
    relay_id: str
    task_id: str
    hop: int
    from_agent: str | None
    to_agent: str
    context_s3_key: str
    handoff_sha256: str
    sent_at: str
    generation: int = 0
    traceparent: str | None = None
    signature: str | None = None

    @property
    def deduplication_id(self) -> str:
        return f"{self.handoff_sha256}.{self.generation}"

    def to_json(self) -> dict[str, Any]:
        json: dict[str, Any] = {
            "v": 1,
            "relay_id": self.relay_id,
            "task_id": self.task_id,
            "hop": self.hop,
            "from_agent": self.from_agent,
            "to_agent": self.to_agent,
            "context_s3_key": self.context_s3_key,
            "handoff_sha256": self.handoff_sha256,
            "sent_at": self.sent_at,
            "generation": self.generation,
        }
        optional = {"traceparent": self.traceparent, "signature": self.signature}
        return {**json, **{name: value for name, value in optional.items() if value is not None}}

    def serialize(self) -> str:
        return write_ascii(self.to_json())


def parse_envelope(body: str) -> Envelope:
    """Reads a message's body. Raises Unusable, or NotUnderstood where a newer reader may be able to use it."""
    if len(body.encode("utf-16-le", "surrogatepass")) // 2 > MAX_CHARACTERS:
        raise Unusable("the message is too large to be an envelope")
    try:
        json = parse_object(body)
    except Damaged as error:
        raise Unusable(f"the message is no envelope: {error}") from error
    refuse_newer(json, "the envelope")
    if "v" not in json and json.keys() >= {"from_agent", "context_s3_key", "task_id"}:
        raise NotUnderstood("the message is a producer's, which workers with acceptUnversioned take")
    problem = schemas.problem("envelope", json)
    if problem is not None:
        raise Unusable(f"the envelope's fields are missing or wrong: {problem}")
    fields: dict[str, Any] = {name: json.get(name) for name in Envelope.__dataclass_fields__}
    return Envelope(**fields)


def refuse_newer(json: dict[str, Any], what: str) -> None:
    version = json.get("v")
    if isinstance(version, int) and not isinstance(version, bool) and version > 1:
        raise NotUnderstood(f"{what} has version {version}")
