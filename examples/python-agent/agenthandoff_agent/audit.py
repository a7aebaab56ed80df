"""What happened to each task, and which tasks are open: one table of DynamoDB (docs/protocol/taking-part.md)."""

from __future__ import annotations

import hashlib
import random
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from .aws import calling, code_of
from .chain import STATUS
from .errors import BackendError, HandoffError
from .handoff import StoredHandoff
from .keys import milliseconds_of
from .strict_json import Json, parse_object, write
from .text import shortened

_SHARDS = 16
_TRIES = 10
# For what arrives without a usable task id. No task can have this id.
NO_TASK = "-"


@dataclass(frozen=True)
class Event:
    """One thing that happened. Its id is the same whoever tells of it, so that telling it twice is harmless."""

    id: str
    task_id: str
    hop: int
    kind: str
    at: str
    agent: str | None
    detail: dict[str, Json] = field(default_factory=dict)


def event_of(
    task_id: str, hop: int, kind: str, at: str, agent: str | None, detail: dict[str, Json], occurrence: str = ""
) -> Event:
    id_ = f"{hop:010}#{kind}" + (f"#{occurrence[:180]}" if occurrence else "")
    return Event(id_, task_id, hop, kind, at, agent, detail)


def committed(handoff: StoredHandoff) -> Event:
    """A slot was filled. Told from the slot alone."""
    record, decision = handoff.record, handoff.decision
    kind, error = decision["kind"], decision.get("error")
    detail = {
        "decision": kind,
        "from": record["from_agent"],
        "sha256": handoff.sha256,
        "previous": record["previous"],
        "step": record["step"],
        "attempt": record["attempt"],
        **present(
            to=decision.get("to") if kind == "handoff" else None,
            reason=bounded(decision.get("reason")),
            error={**error, "message": bounded(error["message"])} if kind == "fail" and error else None,
            by=bounded(record.get("by")),
            request_id=record.get("request_id"),
            agent_version=record.get("agent_version"),
            usage=usage_detail(record["usage"]),
        ),
    }
    task_id, hop = record["task_id"], record["hop"]
    return event_of(task_id, hop, "committed", record["created_at"], record["from_agent"], detail)


def present(**members: Json) -> dict[str, Json]:
    """Those that have a value."""
    return {name: value for name, value in members.items() if value is not None}


def usage_detail(usage: dict[str, Any] | None) -> Json:
    """Names in an event's detail are in camelCase here."""
    if usage is None:
        return None
    return {re.sub(r"_([a-z])", lambda match: match[1].upper(), name): count for name, count in usage.items()}


def bounded(text: str | None) -> str | None:
    return None if text is None else shortened(text, 1024)


def count_attempts(events: Sequence[Event]) -> int:
    """How many runs there were of one handoff: those that were started, and not taken back."""
    started = {event.detail.get("attempt") for event in events if event.kind == "attempt_started"}
    taken_back = {event.detail.get("attempt") for event in events if event.kind == "attempt_released"}
    return len(started - taken_back)


class AuditLog:
    """The items of one relay in the table."""

    def __init__(self, dynamodb: Any, table: str, relay_id: str, retention_days: int = 0) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._relay_id = relay_id
        self._retention_days = retention_days

    def append(self, event: Event, *, head: StoredHandoff | None = None, damaged: bool | None = None) -> None:
        """Keeps an event; one that is there stays as it is. With `head` the task's row moves on to it, unless it is
        further; `damaged` sets that flag of the row that is there."""
        expires_at = self._expiry_of(event)
        # An event that is past its time must not come back.
        writes = [] if expires_at and expires_at <= time.time() else [self._put_event(event, expires_at)]
        if head is not None:
            writes.append(self._advance_row(head))
        elif damaged is not None:
            writes.append(self._flag(event.task_id, damaged))
        # What its condition keeps from being written is left out, and the rest is tried again.
        while writes:
            refused = self._write(writes)
            if not refused:
                return
            writes = [write for index, write in enumerate(writes) if index not in refused]

    def events(self, task_id: str, hop: int) -> list[Event]:
        """All events of a hop whose append was confirmed before."""
        values = {":pk": self._partition(task_id), ":start": f"event#{hop:010}"}
        found = []
        with calling("Query", self._table):
            pages = self._dynamodb.get_paginator("query").paginate(
                TableName=self._table,
                ConsistentRead=True,
                KeyConditionExpression="pk = :pk AND begins_with(sk, :start)",
                ExpressionAttributeValues=_item(values),
            )
            for item in (item for page in pages for item in page["Items"]):
                found.append(_event(item, task_id))
        return found

    def _partition(self, task_id: str) -> str:
        return f"{self._relay_id}#{task_id}"

    def _expiry_of(self, event: Event) -> int | None:
        """In seconds since the epoch."""
        if not self._retention_days:
            return None
        return milliseconds_of(event.at) // 1000 + self._retention_days * 86_400

    def _put_event(self, event: Event, expires_at: int | None) -> dict[str, Any]:
        item = {
            "pk": self._partition(event.task_id),
            "sk": f"event#{event.id}",
            "hop": event.hop,
            "kind": event.kind,
            "at": event.at,
            "detail": write(event.detail),
        }
        if event.agent is not None:
            item["agent"] = event.agent
            item["agentShard"] = f"{self._relay_id}#{event.agent}#{_shard(event.task_id)}"
        if expires_at is not None:
            item["expiresAt"] = expires_at
        return {
            "Put": {"TableName": self._table, "Item": _item(item), "ConditionExpression": "attribute_not_exists(pk)"}
        }

    def _advance_row(self, head: StoredHandoff) -> dict[str, Any]:
        record, decision = head.record, head.decision
        status = STATUS[decision["kind"]]
        shelf = "open" if status == "running" else status
        item = {
            "pk": self._partition(record["task_id"]),
            "sk": "task",
            "status": status,
            "headHop": record["hop"],
            "headSha256": head.sha256,
            "agent": decision["to"] if decision["kind"] == "handoff" else record["from_agent"],
            "updatedAt": record["created_at"],
            "damaged": False,
            "statusShard": f"{self._relay_id}#{shelf}#{_shard(record['task_id'])}",
        }
        return {
            "Put": {
                "TableName": self._table,
                "Item": _item(item),
                "ConditionExpression": "attribute_not_exists(pk) OR headHop < :headHop",
                "ExpressionAttributeValues": _item({":headHop": record["hop"]}),
            }
        }

    def _flag(self, task_id: str, damaged: bool) -> dict[str, Any]:
        values = {":damaged": damaged, **({":relay": self._relay_id} if damaged else {})}
        update = "SET damaged = :damaged" + (", damagedIn = :relay" if damaged else " REMOVE damagedIn")
        return {
            "Update": {
                "TableName": self._table,
                "Key": _item({"pk": self._partition(task_id), "sk": "task"}),
                "UpdateExpression": update,
                "ConditionExpression": "attribute_exists(pk)",
                "ExpressionAttributeValues": _item(values),
            }
        }

    def _write(self, writes: list[dict[str, Any]]) -> set[int]:
        """Makes all of them, or none and says whose conditions were not met."""
        for attempt in range(_TRIES):
            try:
                with calling("TransactWriteItems", self._table):
                    self._dynamodb.transact_write_items(TransactItems=writes)
                return set()
            except BackendError as error:
                reasons = getattr(error.__cause__, "response", {}).get("CancellationReasons", [])
                codes = [reason.get("Code") for reason in reasons]
                if "ConditionalCheckFailed" in codes:
                    return {index for index, code in enumerate(codes) if code == "ConditionalCheckFailed"}
                passing = code_of(error.__cause__) in ("TransactionCanceledException", "TransactionInProgressException")
                if not passing or attempt == _TRIES - 1:
                    raise
                time.sleep(random.uniform(0, min(1.0, 0.02 * 2**attempt)))
        raise AssertionError("the loop returns or raises")


def _shard(task_id: str) -> int:
    return int.from_bytes(hashlib.sha256(task_id.encode()).digest()[:4], "big") % _SHARDS


def _item(attributes: dict[str, Any]) -> dict[str, Any]:
    return {name: _attribute(value) for name, value in attributes.items()}


def _attribute(value: Any) -> dict[str, Any]:
    if value is None:
        return {"NULL": True}
    if isinstance(value, bool):
        return {"BOOL": value}
    return {"N": str(value)} if isinstance(value, int) else {"S": value}


def _event(item: dict[str, Any], task_id: str) -> Event:
    text = {name: value.get("S") for name, value in item.items()}
    id_, agent = str(text["sk"]).removeprefix("event#"), text.get("agent")
    try:
        detail = parse_object(str(text["detail"]))
    except HandoffError as error:
        raise BackendError(f"the item {id_} of task {task_id} is no event: somebody wrote over it") from error
    return Event(id_, task_id, int(item["hop"]["N"]), str(text["kind"]), str(text["at"]), agent, detail)
