"""One delivery, from receipt to acknowledgement, release or rejection (docs/protocol/taking-part.md)."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from . import audit
from .agent import Agent, Settings
from .build import Author, Built, build, build_failure
from .chain import Chain, deadline_of
from .context import Context, Handoff, Result, read_context, refuse_unknown_classes
from .envelope import Envelope, parse_envelope
from .errors import (
    BackendError,
    Damaged,
    Erased,
    HandoffError,
    NonRetryable,
    NotUnderstood,
    RetryAfter,
    Unusable,
)
from .handoff import StoredHandoff
from .keys import MAX_HOP, now_text
from .queues import Delivery, Queues
from .run import Ending, Interruption, Lease, is_ours, run_agent
from .store import Store
from .text import summary_of

_NOT_UNDERSTOOD_SECONDS = 5.0
_HOPEFUL_RECEIPTS = 10
_PERSIST_TRIES = 4
_MAX_UNSENT_BYTES = 64 * 1024 * 1024
_T = TypeVar("_T")


@dataclass(frozen=True)
class Setting:
    agent: Agent
    settings: Settings
    store: Store
    queues: Queues
    log: audit.AuditLog
    drained: Callable[[], bool] = lambda: False
    """Whether runs are to be interrupted."""


@dataclass(frozen=True)
class Outcome:
    status: str
    reason: str = ""
    abandoned: bool = False


def handle(setting: Setting, delivery: Delivery) -> Outcome:
    """Raises BackendError where even giving the message back failed: it then comes again by itself."""
    return _Step(setting, delivery).handle()


class _Step:
    def __init__(self, setting: Setting, delivery: Delivery) -> None:
        self.agent = setting.agent
        self.settings = setting.settings
        self.store = setting.store
        self.queues = setting.queues
        self.log = setting.log
        self.drained = setting.drained
        self.delivery = delivery
        self.author = Author(self.agent.name, self.agent.version, delivery.id)
        self.task_id, self.hop = audit.NO_TASK, 0

    def handle(self) -> Outcome:
        try:
            return self._attempt()
        except Unusable as error:
            return self._reject(str(error))
        except Erased:
            self.delivery.acknowledge()
            return Outcome("erased")
        except NotUnderstood as error:
            return self._leave(str(error))
        except Damaged as error:
            self._note("damaged", str(error), damaged=True)
            return self._back_off("damaged", str(error))
        except BackendError as error:
            return self._back_off("released", str(error))
        except Exception:
            # What nobody foresaw: given back, and told.
            self._back_off("released", "")
            raise

    # Before a run

    def _attempt(self) -> Outcome:
        envelope = parse_envelope(self.delivery.body)
        self.task_id, self.hop = envelope.task_id, envelope.hop
        if envelope.relay_id != self.store.keys.relay_id:
            raise Unusable("the envelope belongs to another relay")
        if envelope.hop >= MAX_HOP:
            raise Unusable("the envelope's hop is beyond every chain")
        if envelope.context_s3_key != self.store.keys.slot(envelope.task_id, envelope.hop):
            return self._refuse("the envelope's context_s3_key is not the key of its task and hop")
        chain = _twice(lambda: self._locate(envelope))
        if chain is None:
            return self._refuse("the envelope's hop is not filled, and lies ahead of the task's head")
        if chain.head.hop > envelope.hop:
            self._help(chain, envelope.hop + 1)
            self.delivery.acknowledge()
            return Outcome("helped")
        refusal = self._why_refused(envelope, chain.head)
        if refusal is not None:
            return self._refuse(refusal)
        refuse_unknown_classes(chain, self.agent.classes)
        deadline = deadline_of([handoff.record for handoff in chain.handoffs])
        if deadline is not None and deadline <= time.time() * 1000:
            return self._finish(chain, build_failure(chain, self.author, "the task's deadline has passed"))
        runs = 0 if self._is_first(envelope) else audit.count_attempts(self.log.events(self.task_id, self.hop))
        if runs >= self.settings.max_attempts:
            return self._finish(chain, build_failure(chain, self.author, self._worn_out(runs)))
        return self._execute(chain, runs, deadline)

    def _is_first(self, envelope: Envelope) -> bool:
        return self.delivery.receive_count == 1 and envelope.generation == 0

    def _locate(self, envelope: Envelope) -> Chain | None:
        """The chain up to its head, or None where the envelope's hop lies beyond that."""
        if self._is_first(envelope):
            chain, decided = self.store.read_chain(envelope.task_id, envelope.hop)
            if chain is not None and not decided:
                return chain
        # Not the first delivery, or something is unusual: only a listing of all slots shows a gap.
        head = self.store.head(envelope.task_id)
        if head is None or head < envelope.hop:
            return None
        return self._chain_to(head)

    def _chain_to(self, head: int) -> Chain:
        chain, _ = self.store.read_chain(self.task_id, head)
        if chain is None:
            raise Damaged(f"the slot of hop {head} of task {self.task_id} is listed, yet it is empty")
        return chain

    def _why_refused(self, envelope: Envelope, head: StoredHandoff) -> str | None:
        if head.sha256 != envelope.handoff_sha256:
            return "the envelope names another handoff than its slot holds"
        if head.decision["kind"] != "handoff":
            return f"the handoff's decision is {head.decision['kind']}, which nobody executes"
        if head.decision["to"] != envelope.to_agent:
            return "the envelope names another agent than the handoff"
        return None if envelope.to_agent == self.agent.name else "the envelope is in another agent's queue"

    # The run

    def _execute(self, chain: Chain, runs: int, task_deadline: int | None) -> Outcome:
        def is_decided() -> bool:
            return self.store.is_filled(self.task_id, self.hop + 1)

        with Lease(self.delivery, self.settings.visibility, is_decided) as lease:
            context = _twice(lambda: read_context(self.store, chain, self.agent.classes, runs + 1))
            if lease.lost is not None or self.drained():
                return self._not_run(lease.lost)
            # Received long ago, where the context is large: make sure that it is still ours to run.
            due = time.monotonic() - self.delivery.received_at >= self.settings.visibility / 3
            if due and not self.delivery.extend(self.settings.visibility):
                return self._not_run("lease-lost")
            try:
                self._record("attempt_started", **audit.present(agent_version=self.agent.version))
                ending = self._run(context, lease, task_deadline)
                return self._settle(chain, runs + 1, ending)
            except HandoffError as error:
                # An outage, or damage that was met in the run, costs no attempt. Recorded if that is possible.
                with suppress(BackendError):
                    self._record("attempt_released", reason=audit.bounded(str(error)))
                raise

    def _run(self, context: Context, lease: Lease, task_deadline: int | None) -> Ending:
        deadline = time.time() + self.settings.deadline
        if task_deadline is not None:
            deadline = min(deadline, task_deadline / 1000)

        def interrupted() -> Interruption | None:
            return lease.lost or ("drained" if self.drained() else None)

        return run_agent(self.agent, context, self.settings, deadline, interrupted)

    def _settle(self, chain: Chain, runs: int, ending: Ending) -> Outcome:
        if ending.result is not None:
            return self._finish(chain, self._prepare(chain, ending.result))
        if ending.interruption is None or ending.interruption == "deadline":
            error = ending.error or TimeoutError("the run did not end before its deadline")
            if is_ours(error):
                raise error
            outcome = self._settle_error(chain, runs, error)
        else:
            outcome = self._settle_interruption(ending.interruption)
        return Outcome(outcome.status, outcome.reason, ending.abandoned)

    def _settle_interruption(self, interruption: Interruption) -> Outcome:
        if interruption == "taken":
            return self._yield_to_winner()
        if interruption == "lease-lost":
            why = "the queue gave the message to another worker while this run went on"
            self._record("attempt_failed", error={"name": "LeaseLost", "message": why})
            return Outcome("released", "the lease was lost")
        self._record("attempt_released", reason="the worker was told to stop")
        self.delivery.release(0)
        return Outcome("released", "the worker was told to stop")

    def _settle_error(self, chain: Chain, runs: int, error: BaseException) -> Outcome:
        summary = summary_of(error)
        detail = {**summary, "message": audit.bounded(summary["message"])}
        self._record("attempt_failed", error=detail)
        if isinstance(error, NonRetryable):
            reason = f"{self.agent.name} failed, and another try would not help"
            return self._finish(chain, build_failure(chain, self.author, reason, summary))
        if runs >= self.settings.max_attempts:
            return self._finish(chain, build_failure(chain, self.author, self._worn_out(runs), summary))
        self.delivery.release(error.seconds if isinstance(error, RetryAfter) else self._backoff(runs))
        return Outcome("released", f"{self.agent.name} raised {summary['name']}")

    def _not_run(self, lost: Interruption | None) -> Outcome:
        if lost == "taken":
            return self._yield_to_winner()
        if lost is None:
            self.delivery.release(0)
        return Outcome("released", lost or "the worker was told to stop")

    # The commit

    def _prepare(self, chain: Chain, result: Result) -> Built:
        """Checks first that what follows can be done; where it cannot, the handoff fails the task with that reason."""
        try:
            built = build(chain, self.author, result, self.agent.classes)
        except Exception as error:  # NotSerializable, or what its objects raise when they are looked at
            reason = f"what {self.agent.name} returned cannot be kept: {error}"
            return build_failure(chain, self.author, reason, summary_of(error))
        obstacle = self._obstacle(chain, built, result)
        if obstacle is None:
            return built
        unsent = [built.handoff.raw, *built.blobs.values()]
        fits = sum(map(len, unsent)) <= _MAX_UNSENT_BYTES
        return build_failure(chain, self.author, obstacle, unsent=unsent if fits else ())

    def _obstacle(self, chain: Chain, built: Built, result: Result) -> str | None:
        size = chain.raw_bytes + len(built.handoff.raw)
        if size > self.settings.max_context_bytes:
            return f"the task's context would have {size} bytes; {self.settings.max_context_bytes} are allowed"
        if not isinstance(result, Handoff):
            return None
        if result.to not in self.agent.hands_to:
            return f'{self.agent.name} handed to "{result.to}", which its hands_to does not name'
        if built.handoff.hop >= self.settings.max_hops:
            return f"the task would go beyond {self.settings.max_hops} hops"
        return None

    def _finish(self, chain: Chain, built: Built) -> Outcome:
        """Commit, audit, send, acknowledge: in this order a crash at any point is repaired by the next delivery."""
        _patiently(lambda: self.store.write_blobs(self.task_id, built.blobs))
        extended = _patiently(lambda: self.store.commit(chain, built.handoff))
        if extended is None:
            return self._yield_to_winner()
        self.log.append(audit.committed(extended.head), head=extended.head)
        self._send(extended.head)
        self.delivery.acknowledge()
        return Outcome("committed", built.handoff.decision["kind"])

    def _yield_to_winner(self) -> Outcome:
        """Somebody else decided the hop: record it, finish what they may have left, and let go."""
        chain = _twice(self._read_to_head)
        winner = chain.handoffs[self.hop + 1] if chain.head.hop > self.hop else None
        self._record("superseded", by=winner.sha256 if winner else "")
        self._help(chain, self.hop + 1)
        self.delivery.acknowledge()
        return Outcome("superseded")

    def _read_to_head(self) -> Chain:
        head = self.store.head(self.task_id)
        if head is None:
            raise Damaged(f"no slot of task {self.task_id} is filled")
        return self._chain_to(head)

    def _help(self, chain: Chain, hop: int) -> None:
        """Finishes what others committed and perhaps did not live to finish."""
        for handoff in chain.handoffs[hop:]:
            # A run that committed the next hop had received an envelope, which was sent after the audit was written.
            later = chain.handoffs[handoff.hop + 1] if handoff.hop < chain.head.hop else None
            if later is None or later.record["attempt"] is None:
                self.log.append(audit.committed(handoff), head=handoff)
        if chain.head.hop == hop:
            self._send(chain.head)

    def _send(self, handoff: StoredHandoff) -> None:
        if handoff.decision["kind"] != "handoff":
            return
        to = handoff.decision["to"]
        if to not in self.queues:
            raise BackendError(f"the queue of {to} is not among this worker's resources")
        record = handoff.record
        key = self.store.keys.slot(self.task_id, handoff.hop)
        head = (record["relay_id"], self.task_id, handoff.hop, record["from_agent"], to, key)
        self.queues.send(Envelope(*head, handoff.sha256, now_text()))

    # What does not come to a run

    def _reject(self, reason: str) -> Outcome:
        self._note("rejected", reason)
        self.delivery.reject(reason)
        return Outcome("rejected", reason)

    def _refuse(self, reason: str) -> Outcome:
        """The envelope does not fit the chain; the task is unaffected."""
        self._note("refused", reason)
        self.delivery.acknowledge()
        return Outcome("refused", reason)

    def _leave(self, reason: str) -> Outcome:
        """Another worker may be able to. Constant at first, since that one may be idle; then longer, to spare the
        queue's receive count."""
        self._note("not_understood", reason)
        doublings = min(max(0, self.delivery.receive_count - _HOPEFUL_RECEIPTS), 30)
        delay = min(self.settings.max_backoff, _NOT_UNDERSTOOD_SECONDS * 2**doublings)
        self.delivery.release(delay * random.uniform(0.5, 1.5))
        return Outcome("not_understood", reason)

    def _back_off(self, status: str, reason: str) -> Outcome:
        self.delivery.release(self._backoff(self.delivery.receive_count + 1))
        return Outcome(status, reason)

    def _backoff(self, failures: int) -> float:
        """Exponential, capped, with full jitter."""
        return random.uniform(0, min(self.settings.max_backoff, self.settings.backoff * 2 ** min(failures - 1, 30)))

    # The audit

    def _record(self, kind: str, **detail: object) -> None:
        """Something about this run."""
        attempt = self.delivery.id
        told = {"attempt": attempt, **detail}
        self.log.append(audit.event_of(self.task_id, self.hop, kind, now_text(), self.agent.name, told, attempt))

    def _note(self, kind: str, reason: str, damaged: bool | None = None) -> None:
        """Something about the message, or about what it points at."""
        told = {"reason": audit.bounded(reason), "delivery": self.delivery.id}
        event = audit.event_of(self.task_id, self.hop, kind, now_text(), self.agent.name, told, self.delivery.id)
        self.log.append(event, damaged=damaged)

    def _worn_out(self, runs: int) -> str:
        return f"{self.agent.name} was run {runs} times without success (maxAttempts)"


def _twice(read: Callable[[], _T]) -> _T:
    """Damage is believed only when a second look finds it again."""
    try:
        return read()
    except Damaged:
        return read()


def _patiently(work: Callable[[], _T]) -> _T:
    """What is to be stored is paid for: an outage of some seconds must not waste it."""
    for attempt in range(_PERSIST_TRIES - 1):
        try:
            return work()
        except BackendError:
            time.sleep(0.2 * 2**attempt)
    return work()
