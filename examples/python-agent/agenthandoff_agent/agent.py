"""An agent, and the settings of a worker that runs it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .context import Context, Result
from .keys import is_name
from .queues import Queue


@dataclass(frozen=True)
class Agent:
    """One function that works on a context and decides what happens next."""

    name: str
    run: Callable[[Context], Result]
    hands_to: Sequence[str] = ()
    """The agents that it may hand to; anything else fails the task."""
    classes: Collection[str] = ()
    """The names of classes whose instances it can read. A task whose context holds others is left to another worker."""
    version: str | None = None

    def __post_init__(self) -> None:
        for name in (self.name, *self.hands_to):
            if not is_name(name):
                raise ValueError(f'the agent name "{name}" must be lower-case letters, digits and -, up to 63')


@dataclass(frozen=True)
class Resources:
    """Where the relay lives: what the command `resources` of apps/relay-aws writes."""

    relay_id: str
    bucket: str
    table: str
    queues: Mapping[str, Queue]
    prefix: str = ""

    @staticmethod
    def parse(json: Mapping[str, Any]) -> Resources:
        try:
            queues = {name: Queue(each["url"], each["deadLetterUrl"]) for name, each in json["queues"].items()}
            prefix = json.get("prefix", "")
            return Resources(json["relayId"], json["bucket"], json["table"], queues, prefix)
        except (KeyError, TypeError, AttributeError) as error:
            advice = 'relayId, bucket, table and queues: {"<agent>": {"url", "deadLetterUrl"}}'
            raise ValueError(f"the resources lack {error}; give {advice}") from error


@dataclass(frozen=True)
class Settings:
    """The defaults are those of the other workers of a relay. Times are in seconds."""

    max_attempts: int = 3
    max_hops: int = 10_000
    max_context_bytes: int = 1024**3
    deadline: float = 15 * 60
    """For how long a run may go on."""
    grace: float = 10
    """For how long a run that is told to stop may take to end, and how long it goes on after a SIGTERM."""
    visibility: int = 120
    """For how long a message is hidden from others unless that is extended, which happens at each third of it."""
    backoff: float = 1
    max_backoff: float = 15 * 60
    wait: int = 5
    """For how long one request for messages waits, and so how long an idle worker takes to stop."""
    pause: float = 10
    """For how long a queue is left alone that held what is not understood here."""

    retention_days: int = 0
    """For how many days events are kept, as the relay has it; 0 is for ever."""

    def __post_init__(self) -> None:
        if not 1 <= self.max_attempts <= 1000:
            raise ValueError("max_attempts must be from 1 to 1000")
        if not 1 <= self.visibility <= 12 * 3600 or not 0 <= self.wait <= 20:
            raise ValueError("visibility must be from 1 second to 12 hours, wait from 0 to 20 seconds")
        if not 0 <= self.retention_days <= 100_000:
            raise ValueError("retention_days must be from 0, which is for ever, to 100,000")
