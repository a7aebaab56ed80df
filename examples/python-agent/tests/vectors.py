"""Holds the package against every vector of docs/protocol/vectors, and prints {file: [{vector, result}, …]}."""

from __future__ import annotations

import base64
import json
import struct
import sys
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from agenthandoff_agent import decode, encode, envelope, errors, handoff, keys, segment, strict_json
from agenthandoff_agent.values import UNDEFINED, BigInt, Map

FOLDER = Path(__file__).resolve().parents[3] / "docs" / "protocol" / "vectors"
CLASSES = ["example.Point"]
Check = Callable[[], None]


def load(name: str) -> Any:
    # As Python reads JSON: what is under test must not read its own tests.
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def strictly(value: Any) -> Any:
    """A vector's JSON as the package reads it."""
    return strict_json.parse(json.dumps(value))


def same(found: Any, expected: Any, what: str) -> None:
    if json.dumps(found, sort_keys=True) != json.dumps(expected, sort_keys=True):
        raise AssertionError(f"{what}: {json.dumps(found)[:300]} where {json.dumps(expected)[:300]} was expected")


def outcome(read: Callable[[], object]) -> str:
    try:
        read()
    except (errors.Damaged, errors.Unusable) as error:
        return "unusable" if isinstance(error, errors.Unusable) else "refused"
    except errors.NotUnderstood:
        return "not_understood"
    except errors.Erased:
        return "erased"
    return "accepted"


def handoffs(vector: dict[str, Any]) -> None:
    raw = base64.b64decode(vector["base64"])
    if "outcome" in vector:
        return same(outcome(lambda: handoff.parse_handoff(raw).entries), vector["outcome"], "outcome")
    read = handoff.parse_handoff(raw)
    same(read.sha256, vector["sha256"], "hash")
    if vector["reserialized"]:
        same(read.record, strictly(vector["record"]), "record")
        same(read.entries, strictly(vector["entries"]), "entries")
        again = handoff.serialize_handoff(read.record, read.entries).raw
        return same(base64.b64encode(again).decode(), vector["base64"], "bytes")
    # What stands beside the others lacks the members that version 1 does not know.
    same(shared(read.record, strictly(vector["record"])), strictly(vector["record"]), "record")
    return same(shared(read.entries, strictly(vector["entries"])), strictly(vector["entries"]), "entries")


def shared(found: Any, expected: Any) -> Any:
    """What was found, without members that were not expected."""
    if isinstance(found, dict) and isinstance(expected, dict):
        return {name: shared(value, expected[name]) for name, value in found.items() if name in expected}
    if isinstance(found, list) and isinstance(expected, list) and len(found) == len(expected):
        return [shared(*pair) for pair in zip(found, expected, strict=True)]
    return found


def segments(vector: dict[str, Any]) -> None:
    data, task_id, hop = base64.b64decode(vector["base64"]), vector["task_id"], vector["hop"]

    def read() -> list[bytes]:
        return [frame.unpack() for frame in segment.parse_segment(data, task_id, hop).frames]

    if "outcome" in vector:
        return same(outcome(read), vector["outcome"], "outcome")
    parsed, raws = segment.parse_segment(data, task_id, hop), read()
    same([handoff.parse_handoff(raw).sha256 for raw in raws], vector["handoffs"], "hashes")
    same([parsed.first, parsed.refs], [vector["first"], vector["refs"]], "cover")
    # Compressed bytes differ between builds of zlib, so what is written is compared by what it holds.
    frames = [segment.pack_handoff(raw) for raw in raws]
    again = segment.parse_segment(
        segment.Segment(task_id, hop, parsed.first, parsed.refs, frames).serialize(), task_id, hop
    )
    same([keys.sha256(frame.unpack()) for frame in again.frames], vector["handoffs"], "hashes again")
    # Members that are copied stay as they are, whoever made them.
    copied = segment.parse_segment(parsed.serialize(), task_id, hop)
    return same([keys.sha256(f.gzip) for f in copied.frames], [keys.sha256(f.gzip) for f in parsed.frames], "members")


def envelopes(vector: dict[str, Any]) -> None:
    if "outcome" in vector:
        return same(outcome(lambda: envelope.parse_envelope(vector["body"])), vector["outcome"], "outcome")
    read = envelope.parse_envelope(vector["body"])
    same(read.to_json(), vector["envelope"], "envelope")
    same(read.deduplication_id, vector["deduplication_id"], "deduplication id")
    written = read.serialize()
    if vector["reserialized"]:
        return same(written, vector["body"], "body")
    return same(envelope.parse_envelope(written).to_json(), read.to_json(), "envelope again")


def slot_keys(vector: dict[str, Any]) -> None:
    made = keys.Keys(vector["relay_id"], vector["prefix"])
    task_id, hop, blob = vector["task_id"], vector["hop"], vector["blob"]
    same(made.slot(task_id, hop), vector["slot"], "slot")
    same(made.parse_slot(vector["slot"]), [task_id, hop], "slot, read")
    same(made.blob(task_id, blob["sha256"]), blob["key"], "blob")
    same(made.runs(task_id, hop), vector["runs"], "runs")


def plans(vector: dict[str, Any]) -> None:
    cover = [segment.Span(**span) for span in vector["cover"]]
    taken = segment.plan_merge(cover, vector["hop"], vector["own_bytes"], vector["max_bytes"])
    same(taken, vector["take"], "taken")
    kept = [span.last for span in cover[: len(cover) - taken]]
    same([kept, kept[-1] + 1 if kept else 0], [vector["refs"], vector["first"]], "refs and first")


def guesses(vector: dict[str, Any]) -> None:
    found = [{"first": span.first, "last": span.last} for span in segment.guess_cover(vector["hop"])]
    same(found, vector["cover"], "guess")


def canonical_requests(vector: dict[str, Any]) -> None:
    json_value = vector.get("request") or {name: vector[name] for name in ("operation", "head", "arguments")}
    text = strict_json.write(strictly(json_value), canonical=True)
    same(text, vector["canonical"], "canonical text")
    same(keys.sha256(text.encode()), vector.get("sha256") or vector["request_id"], "hash")


def values(vector: dict[str, Any]) -> None:
    def blob(_hash: str, size: int) -> bytes:
        return bytes(size)

    kept: list[bytes] = []
    value = decode.decode(strictly(vector["json"]), classes=CLASSES, blob=blob)
    written = encode.encode(value, classes=CLASSES, blob=kept.append)
    if not vector.get("readOnly"):
        # As text: the order of names counts too.
        return same(strict_json.write(written), strict_json.write(strictly(vector["json"])), "written again")
    return same(encode.encode(decode.decode(written), classes=CLASSES), written, "written twice")


def refused_values(vector: dict[str, Any]) -> None:
    expected = {"CONTEXT_INTEGRITY": "refused", "NOT_UNDERSTOOD": "not_understood"}[vector["error"]]
    same(outcome(lambda: decode.decode(strict_json.parse(vector["text"]), classes=CLASSES)), expected, "outcome")


# What the expressions of canonical.json in JavaScript are here.
EXPRESSIONS: dict[str, Callable[[], Any]] = {
    "value-tags": lambda: {"b": BigInt(1), "a": [UNDEFINED, datetime.fromtimestamp(0, timezone.utc)]},
    "value-shared": lambda: (lambda part: {"b": part, "a": [part]})({"y": 1, "x": 2}),
    "value-map-order": lambda: Map([("b", 1), ("a", 2)]),
}


def canonical(vector: dict[str, Any]) -> None:
    if "text" in vector:
        text = strict_json.write(strict_json.parse(vector["text"]), canonical=True)
    elif "ieee754" in vector:
        text = strict_json.write(struct.unpack(">d", bytes.fromhex(vector["ieee754"]))[0], canonical=True)
    else:
        text = encode.canonical_text(EXPRESSIONS[vector["name"]]())
    same(text, vector["canonical"], "canonical text")
    same(keys.sha256(text.encode()), vector["sha256"], "hash")


def flags(accepted: Callable[[str], bool], expected: bool) -> Callable[[str], None]:
    return lambda text: same(accepted(text), expected, "accepted")


def run(check: Check) -> str:
    try:
        check()
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return "ok"


def main() -> None:
    key_vectors, merge = load("keys"), load("merge-plans")
    ids, names, requests = key_vectors["task_ids"], key_vectors["names"], load("requests")
    empty = keys.Keys("r")
    lists: dict[str, list[tuple[Callable[[Any], None], list[Any]]]] = {
        "handoffs": [(handoffs, load("handoffs")["accepted"]), (handoffs, load("handoffs")["refused"])],
        "segments": [(segments, load("segments")["accepted"]), (segments, load("segments")["refused"])],
        "envelopes": [(envelopes, load("envelopes")["accepted"]), (envelopes, load("envelopes")["refused"])],
        "keys": [
            (slot_keys, key_vectors["keys"]),
            (flags(lambda key: empty.parse_slot(key) is not None, False), key_vectors["no_slots"]),
            (
                lambda v: same(keys.derived_task_id(v["parent"], v["hop"], v["index"]), v["task_id"], "derived"),
                key_vectors["derived"],
            ),
            (flags(keys.is_users_task_id, True), ids["for_users"]),
            (flags(keys.is_users_task_id, False), [*ids["for_readers_only"], *ids["refused"]]),
            (flags(keys.is_task_id, True), [*ids["for_users"], *ids["for_readers_only"]]),
            (flags(keys.is_task_id, False), ids["refused"]),
            (flags(keys.is_name, True), names["accepted"]),
            (flags(keys.is_name, False), names["refused"]),
        ],
        "merge-plans": [(plans, merge["plans"]), (guesses, merge["guesses"])],
        "requests": [(canonical_requests, requests["inputs"]), (canonical_requests, requests["requests"])],
        "values": [(values, load("values"))],
        "values-refused": [(refused_values, load("values-refused"))],
        "canonical": [(canonical, load("canonical"))],
    }
    report = {
        name: [
            {"vector": json.dumps(vector)[:80], "result": run(lambda c=check, v=vector: c(v))}  # type: ignore[misc]
            for check, vectors in checks
            for vector in vectors
        ]
        for name, checks in lists.items()
    }
    json.dump(report, sys.stdout)


if __name__ == "__main__":
    main()
