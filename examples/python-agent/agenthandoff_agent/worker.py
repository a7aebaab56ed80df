"""Polls an agent's queue, and works on what comes until it is told to stop."""

from __future__ import annotations

import logging
import random
import signal
import threading
from types import FrameType

from . import schemas
from .agent import Agent, Resources, Settings
from .audit import AuditLog
from .aws import Clients, make_clients
from .errors import BackendError
from .keys import Keys
from .queues import Queues
from .step import Setting, handle
from .store import Store

_log = logging.getLogger("agenthandoff_agent")
_MAX_ERROR_PAUSE = 30.0


class Worker:
    """One worker of one agent, which takes one message at a time. For more at a time, start more processes."""

    def __init__(
        self, agent: Agent, resources: Resources, settings: Settings | None = None, clients: Clients | None = None
    ) -> None:
        unknown = [name for name in (agent.name, *agent.hands_to) if name not in resources.queues]
        if unknown:
            raise ValueError(f"the resources have no queue for {', '.join(unknown)}")
        # At once, and not when the first message comes.
        schemas.load()
        made = clients or make_clients()
        self._agent = agent
        self._settings = settings or Settings()
        self._queues = Queues(made.sqs, resources.queues)
        self._stopping = threading.Event()
        self._draining = threading.Event()
        self._setting = Setting(
            agent,
            self._settings,
            Store(made.s3, resources.bucket, Keys(resources.relay_id, resources.prefix)),
            self._queues,
            AuditLog(made.dynamodb, resources.table, resources.relay_id, self._settings.retention_days),
            self._draining.is_set,
        )

    def stop(self) -> None:
        """Takes nothing new. A run that goes on may end within the grace, then it is interrupted and given back."""
        if not self._stopping.is_set():
            self._stopping.set()
            timer = threading.Timer(self._settings.grace, self._draining.set)
            timer.daemon = True
            timer.start()

    def stop_on_signals(self) -> None:
        """SIGTERM and SIGINT stop it. To be called in the main thread."""

        def on_signal(number: int, _frame: FrameType | None) -> None:
            _log.info("%s: stopping", signal.Signals(number).name)
            self.stop()

        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, on_signal)

    def work(self) -> bool:
        """Works until it is stopped. False where a run was left behind that did not stop: then end the process."""
        _log.info("working for %s", self._agent.name)
        failures = 0
        while not self._stopping.is_set():
            try:
                if not self._work_once():
                    return False
                failures = 0
            except BackendError as error:
                _log.warning("%s", error)
                # Longer with each failure in a row, and jittered, so that workers do not meet.
                self._stopping.wait(min(_MAX_ERROR_PAUSE, 0.1 * 2 ** min(failures, 20)) * random.uniform(0.5, 1))
                failures += 1
            except Exception:
                _log.exception("a delivery ended as nobody foresaw; it comes again")
        return True

    def _work_once(self) -> bool:
        settings = self._settings
        delivery = self._queues.receive(
            self._agent.name, wait_seconds=settings.wait, visibility_seconds=settings.visibility
        )
        if delivery is None:
            return True
        if self._stopping.is_set():
            delivery.release(0)
            return True
        outcome = handle(self._setting, delivery)
        _log.info("%s of task %s: %s %s", delivery.id, delivery.group_id, outcome.status, outcome.reason)
        if outcome.status == "not_understood":
            self._stopping.wait(settings.pause)
        return not outcome.abandoned
