"""The verified handoffs of a task, from hop 0 to its head (docs/protocol, section 4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from .errors import Damaged
from .handoff import Record, StoredHandoff
from .keys import milliseconds_of
from .segment import Frame, Segment, Span, plan_merge

FINAL = frozenset(["complete", "cancel"])
STATUS = {"handoff": "running", "complete": "completed", "cancel": "canceled", "fail": "failed", "wait": "waiting"}


@dataclass(frozen=True)
class Chain:
    relay_id: str
    task_id: str
    handoffs: list[StoredHandoff] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)
    cover: list[Span] = field(default_factory=list)

    @property
    def head(self) -> StoredHandoff:
        return self.handoffs[-1]

    @property
    def raw_bytes(self) -> int:
        return sum(len(handoff.raw) for handoff in self.handoffs)

    def extended(self, handoffs: Sequence[StoredHandoff], frames: Sequence[Frame], cover: list[Span]) -> Chain:
        """The chain with further handoffs. Raises Damaged where one does not follow."""
        last = self.handoffs[-1] if self.handoffs else None
        for handoff in handoffs:
            verify_link(last, handoff, self.relay_id, self.task_id)
            last = handoff
        return replace(self, handoffs=[*self.handoffs, *handoffs], frames=[*self.frames, *frames], cover=cover)

    def next_segment(self, frame: Frame) -> Segment:
        """What fills the next slot: the new handoff, and the runs before it that a writer takes along."""
        hop = len(self.handoffs)
        kept = self.cover[: len(self.cover) - plan_merge(self.cover, hop, len(frame.gzip))]
        first = kept[-1].last + 1 if kept else 0
        return Segment(self.task_id, hop, first, [span.last for span in kept], [*self.frames[first:], frame])


def verify_link(previous: StoredHandoff | None, handoff: StoredHandoff, relay_id: str, task_id: str) -> None:
    """Raises Damaged unless a handoff is the one that follows another or, after none, the first."""
    hop = previous.hop + 1 if previous else 0
    problem = _why_unbound(previous, handoff, relay_id, task_id, hop) or (
        _why_not_after(previous.record, handoff.record) if previous else _why_not_first(handoff.record)
    )
    if problem:
        raise Damaged(f"the chain of task {task_id} is damaged at hop {hop}: {problem}")


def _why_unbound(
    previous: StoredHandoff | None, handoff: StoredHandoff, relay_id: str, task_id: str, hop: int
) -> str | None:
    record = handoff.record
    if record["relay_id"] != relay_id or record["task_id"] != task_id:
        return "it belongs to another task"
    if record["hop"] != hop:
        return f"it says that it is hop {record['hop']}"
    if record["previous"] != (previous.sha256 if previous else None):
        return "it does not name the hash of the handoff before it"
    return None


def _why_not_first(record: Record) -> str | None:
    if record["from_agent"] is not None or record["decision"]["kind"] != "handoff":
        return "a task begins with a caller's handoff to an agent"
    if "input_sha256" not in record:
        return "it does not name the hash of the task's input"
    return None if record["step"] == 0 else "its step is not its hop"


def _why_not_after(previous: Record, record: Record) -> str | None:
    before, decision = previous["decision"], record["decision"]
    if before["kind"] in FINAL:
        return "nothing may follow a final decision"
    retry = before["kind"] == "fail" and decision["kind"] == "handoff"
    if record["step"] >= previous["hop"] if retry else record["step"] != record["hop"]:
        return "its step is not an earlier hop" if retry else "its step is not its hop"
    if record["from_agent"] is not None:
        acted_on = before["kind"] == "handoff" and before["to"] == record["from_agent"]
        return None if acted_on else "another agent decided than the one it was handed to"
    if decision["kind"] == "cancel" or (decision["kind"] == "fail" and before["kind"] == "handoff"):
        return None
    if decision["kind"] == "handoff" and before["kind"] != "handoff":
        known = previous["from_agent"] in (None, decision["to"])
        return None if known else "a task goes on with the agent that failed or waited"
    return "only an agent may decide so"


def deadline_of(records: Sequence[Record]) -> int | None:
    """When a running task must be done, in milliseconds since the epoch, or None where it has all the time."""
    limit = (records[0].get("options") or {}).get("deadline_ms")
    if limit is None or records[-1]["decision"]["kind"] != "handoff":
        return None
    spent = running_since = 0
    before = None
    for record in records:
        at, kind = milliseconds_of(record["created_at"]), record["decision"]["kind"]
        if before == "fail":
            spent = 0
        if before != "handoff":
            running_since = at
        elif kind != "handoff":
            spent += max(0, at - running_since)
        before = kind
    return int(running_since + limit - spent)
