"""What an agent receives: everything that earlier hops learned, and what it may give back."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from .chain import Chain
from .decode import decode
from .encode import canonical_text
from .errors import Damaged, NotUnderstood
from .handoff import Record, StoredHandoff
from .keys import sha256
from .store import Store
from .strict_json import Json, write
from .values import Value

EntryKind = Literal["input", "answer", "message", "output", "state", "view", "artifact"]


@dataclass(frozen=True)
class Artifact:
    """A file that an earlier hop, or the caller, left."""

    name: str
    media_type: str
    size: int
    sha256: str
    read: Callable[[], bytes] = field(repr=False, compare=False)
    """Its bytes, fetched and verified at each call."""


@dataclass(frozen=True)
class Entry:
    """One thing that was learned. The value of an artifact is an Artifact."""

    hop: int
    index: int
    agent: str | None
    kind: EntryKind
    name: str | None
    value: Value

    @property
    def id(self) -> str:
        return f"{self.hop}.{self.index}"


@dataclass(frozen=True)
class Output:
    """Something that an agent leaves for those after it."""

    value: Value
    name: str | None = None


@dataclass(frozen=True)
class State:
    """A part of an agent's state; the last of a name counts."""

    name: str
    value: Value


@dataclass(frozen=True)
class Message:
    """One message of a conversation."""

    value: Value


@dataclass(frozen=True)
class File:
    """A file for those after it, kept beside the chain."""

    name: str
    data: bytes | str
    media_type: str | None = None


NewEntry = Output | State | Message | File


@dataclass(frozen=True)
class Handoff:
    """The task goes on with another agent."""

    to: str
    reason: str | None = None
    entries: Sequence[NewEntry] = ()
    usage: dict[str, int] | None = None


@dataclass(frozen=True)
class Complete:
    """The task is done, for good."""

    reason: str | None = None
    entries: Sequence[NewEntry] = ()
    usage: dict[str, int] | None = None


@dataclass(frozen=True)
class Fail:
    """The task has failed, until somebody retries it."""

    reason: str
    entries: Sequence[NewEntry] = ()
    usage: dict[str, int] | None = None


@dataclass(frozen=True)
class Wait:
    """The task rests until a person answers; this agent then runs again, with context.answer."""

    question: Value = None
    reason: str | None = None
    entries: Sequence[NewEntry] = ()
    usage: dict[str, int] | None = None


Result = Handoff | Complete | Fail | Wait


class Context:
    """What the agent at the next hop receives, verified. Values are decoded once, when the run begins."""

    def __init__(self, chain: Chain, entries: list[Entry], attempt_number: int, metadata: Value) -> None:
        self.relay_id = chain.relay_id
        self.task_id = chain.task_id
        self.records: list[Record] = [handoff.record for handoff in chain.handoffs]
        self.entries = entries
        self.attempt_number = attempt_number
        self.metadata = metadata
        """The caller's own data about the task."""
        self._calls: Counter[str] = Counter()
        self.stop = threading.Event()
        """Set when the run should end: its result will not be used."""

    @property
    def hop(self) -> int:
        """The last hop that it covers."""
        return len(self.records) - 1

    @property
    def step(self) -> int:
        """The hop that this run counts as: equal in every attempt and after a retry."""
        step: int = self.records[-1]["step"]
        return step

    @property
    def from_agent(self) -> str | None:
        agent: str | None = self.records[-1]["from_agent"]
        return agent

    @property
    def reason(self) -> str | None:
        """Why it was handed over."""
        reason: str | None = self.records[-1]["decision"].get("reason")
        return reason

    @property
    def input(self) -> Value:
        """What the task was started with."""
        return next((each.value for each in self.entries if each.kind == "input"), None)

    @property
    def answer(self) -> Value:
        """A person's answer, where this run, or the one that it repeats, goes on from one."""
        return next((each.value for each in self.entries if each.kind == "answer" and each.hop == self.step), None)

    def select(self, kind: EntryKind, *, agent: str | None = None, name: str | None = None) -> list[Entry]:
        """All entries of a kind, oldest first."""
        return [
            each
            for each in self.entries
            if each.kind == kind and (agent is None or each.agent == agent) and (name is None or each.name == name)
        ]

    def latest(self, agent: str, name: str | None = None) -> Value:
        """The last output of an agent, or None."""
        return _last(self.select("output", agent=agent, name=name))

    def state(self, name: str, agent: str | None = None) -> Value:
        """The last state of that name, or None."""
        return _last(self.select("state", agent=agent, name=name))

    def artifact(self, name: str) -> Artifact | None:
        """The last file of that name, or None."""
        found: Artifact | None = _last(self.select("artifact", name=name))
        return found

    def idempotency_key(self, tool: str, arguments: Value) -> str:
        """A key for a call whose effect must not be repeated: the same in each attempt that makes the same call."""
        call = write([self.relay_id, self.task_id, self.step, tool, canonical_text(arguments)])
        occurrence = self._calls[call]
        self._calls[call] += 1
        return sha256(f"{call}\n{occurrence}".encode())


def read_context(store: Store, chain: Chain, classes: Iterable[str], attempt_number: int) -> Context:
    """Decodes everything, and fetches the large values that it needs for that. Raises Damaged, NotUnderstood."""
    known = frozenset(classes)
    needed = dict(
        (blob["sha256"], blob["size"])
        for handoff in chain.handoffs
        for blob in handoff.record["blobs"]
        if blob["of"] == "value"
    )
    blobs = store.read_blobs(chain.task_id, list(needed.items()))

    def blob(hash_: str, size: int) -> bytes:
        if hash_ not in blobs or needed[hash_] != size:
            raise Damaged(f"an entry names the blob {hash_}, which its handoff does not list")
        return blobs[hash_]

    entries = [
        _entry(store, chain, handoff, index, line, lambda json: decode(json, classes=known, blob=blob))
        for handoff in chain.handoffs
        for index, line in enumerate(handoff.entries)
    ]
    metadata = (chain.handoffs[0].record.get("options") or {}).get("metadata")
    return Context(chain, entries, attempt_number, decode(metadata, classes=known, blob=blob))


def refuse_unknown_classes(chain: Chain, classes: Iterable[str]) -> None:
    """What a reader must know before anything runs."""
    known = frozenset(classes)
    for handoff in chain.handoffs:
        unknown = [name for name in handoff.record["classes"] if name not in known]
        if unknown:
            raise NotUnderstood(f"the context needs the class {unknown[0]}, which is not registered here")


def _entry(
    store: Store,
    chain: Chain,
    handoff: StoredHandoff,
    index: int,
    line: dict[str, Json],
    decoded: Callable[[Json], Value],
) -> Entry:
    value: Value
    if line["kind"] == "artifact":
        hash_, size = line["sha256"], line["size"]
        read = lambda: store.read_blob(chain.task_id, hash_, size)  # noqa: E731
        value = Artifact(line["name"], line["media_type"], size, hash_, read)
    else:
        value = decoded(line["value"])
    return Entry(handoff.hop, index, handoff.record["from_agent"], line["kind"], line.get("name"), value)


def _last(entries: list[Entry]) -> Value:
    return entries[-1].value if entries else None
