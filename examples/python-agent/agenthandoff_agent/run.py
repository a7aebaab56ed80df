"""Runs an agent's function under a lease, a deadline and a worker's wish to stop."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from .agent import Agent, Settings
from .context import Complete, Context, Fail, Handoff, Result, Wait
from .errors import BackendError, Damaged, Erased, NonRetryable, NotUnderstood
from .queues import Delivery

Interruption = Literal["taken", "lease-lost", "drained", "deadline"]
_LOOK_SECONDS = 0.1


@dataclass(frozen=True)
class Ending:
    """How a run ended: exactly one of the three."""

    result: Result | None = None
    error: BaseException | None = None
    interruption: Interruption | None = None
    abandoned: bool = False
    """It did not stop when it was told to, and still goes on."""


class Lease:
    """Keeps a delivery hidden while it is worked on, and looks each time whether the hop was decided elsewhere."""

    def __init__(self, delivery: Delivery, seconds: int, is_decided: Callable[[], bool]) -> None:
        self.lost: Interruption | None = None
        self._delivery = delivery
        self._seconds = seconds
        self._is_decided = is_decided
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="lease", daemon=True)

    def __enter__(self) -> Lease:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        # An extension under way must not come after the release.
        self._thread.join()

    def _keep(self) -> None:
        while not self._stopped.wait(self._seconds / 3) and self.lost is None:
            # A queue or store that does not answer changes nothing: the slot decides in the end.
            try:
                if not self._delivery.extend(self._seconds):
                    self.lost = "lease-lost"
                elif self._is_decided():
                    self.lost = "taken"
            except BackendError:
                continue


def run_agent(
    agent: Agent, context: Context, settings: Settings, deadline: float, interrupted: Callable[[], Interruption | None]
) -> Ending:
    """Runs it in a thread of its own until it returns, raises, or is interrupted. An interrupted run is told so, and
    gets some grace; what it gives back then is not used, since it may return early because it was told to stop."""
    endings: queue.SimpleQueue[Ending] = queue.SimpleQueue()

    def work() -> None:
        try:
            endings.put(Ending(result=_checked(agent, agent.run(context))))
        except BaseException as error:
            endings.put(Ending(error=error))

    thread = threading.Thread(target=work, name=f"run of {agent.name}", daemon=True)
    thread.start()
    while True:
        left = deadline - time.time()
        try:
            return endings.get(timeout=max(0.001, min(_LOOK_SECONDS, left)))
        except queue.Empty:
            interruption = interrupted() or ("deadline" if left <= 0 else None)
        if interruption is not None:
            context.stop.set()
            thread.join(settings.grace)
            return Ending(interruption=interruption, abandoned=thread.is_alive())


def _checked(agent: Agent, result: object) -> Result:
    if isinstance(result, (Handoff, Complete, Fail, Wait)):
        return result
    raise NonRetryable(
        f"{agent.name} returned {type(result).__name__}; return Handoff(…), Complete(…), Fail(…) or Wait(…)"
    )


def is_ours(error: BaseException) -> bool:
    """Whether an error came from reading a file of the context: no fault of the agent."""
    return isinstance(error, (BackendError, Damaged, NotUnderstood, Erased))
