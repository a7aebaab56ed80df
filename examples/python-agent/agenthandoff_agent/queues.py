"""The queues of one relay in SQS FIFO, one for each agent."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .aws import calling, code_of
from .envelope import Envelope
from .errors import BackendError
from .text import shortened

_LEASE_LOST = frozenset(["ReceiptHandleIsInvalid", "MessageNotInflight", "AWS.SimpleQueueService.MessageNotInflight"])
# What SQS refuses in a body or an attribute.
_REFUSED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_MAX_VISIBILITY_SECONDS = 12 * 3600


@dataclass(frozen=True)
class Queue:
    url: str
    dead_letter_url: str


@dataclass(frozen=True)
class Delivery:
    """One receipt of a message. Each of its methods says whether it still held the message."""

    id: str
    body: str
    group_id: str
    receive_count: int
    message_id: str
    receipt_handle: str
    queue: Queue
    sqs: Any
    received_at: float = field(default_factory=time.monotonic)

    def acknowledge(self) -> bool:
        """Removes the message for good."""
        return self._settle("DeleteMessage", lambda: self.sqs.delete_message(**self._receipt()))

    def extend(self, seconds: int) -> bool:
        """Hides the message from others for so long from now."""
        return self._hide(seconds)

    def release(self, delay_seconds: float) -> bool:
        """Gives the message back, to come again after that time."""
        return self._hide(round(delay_seconds))

    def reject(self, reason: str) -> bool:
        """Moves the message to the dead-letter queue. In this order no crash loses it; the lease is asked for first."""
        if not self.extend(60):
            return False
        kept = _REFUSED.sub(lambda match: f"\\u{ord(match[0]):04x}", shortened(reason, 1024))
        with calling("SendMessage", self.queue.dead_letter_url):
            self.sqs.send_message(
                QueueUrl=self.queue.dead_letter_url,
                MessageBody=self.body,
                MessageGroupId=self.group_id,
                MessageDeduplicationId=f"rejected-{self.message_id}",
                MessageAttributes={"reason": {"DataType": "String", "StringValue": kept}},
            )
        return self.acknowledge()

    def _hide(self, seconds: int) -> bool:
        visibility = min(seconds, _MAX_VISIBILITY_SECONDS)
        change = {**self._receipt(), "VisibilityTimeout": visibility}
        return self._settle("ChangeMessageVisibility", lambda: self.sqs.change_message_visibility(**change))

    def _receipt(self) -> dict[str, str]:
        return {"QueueUrl": self.queue.url, "ReceiptHandle": self.receipt_handle}

    def _settle(self, operation: str, call: Any) -> bool:
        try:
            with calling(operation, f"message {self.message_id}"):
                call()
            return True
        except BackendError as error:
            code, text = code_of(error.__cause__), str(error.__cause__)
            expired = code.startswith("InvalidParameterValue") and re.search(
                "ReceiptHandle|Total VisibilityTimeout", text
            )
            if code in _LEASE_LOST or expired:
                return False
            raise


class Queues:
    """Sends to every agent's queue, and receives from them."""

    def __init__(self, sqs: Any, queues: Mapping[str, Queue]) -> None:
        self._sqs = sqs
        self._queues = queues

    def __contains__(self, agent: str) -> bool:
        return agent in self._queues

    def send(self, envelope: Envelope) -> None:
        """A message that was sent within five minutes already, SQS drops: it has the same deduplication id."""
        url = self._queues[envelope.to_agent].url
        with calling("SendMessage", url):
            self._sqs.send_message(
                QueueUrl=url,
                MessageBody=envelope.serialize(),
                MessageGroupId=envelope.task_id,
                MessageDeduplicationId=envelope.deduplication_id,
            )

    def receive(self, agent: str, *, wait_seconds: int, visibility_seconds: int) -> Delivery | None:
        """The next message of an agent's queue, or None where none came within that time."""
        queue = self._queues[agent]
        with calling("ReceiveMessage", queue.url):
            answer = self._sqs.receive_message(
                QueueUrl=queue.url,
                MaxNumberOfMessages=1,
                WaitTimeSeconds=wait_seconds,
                VisibilityTimeout=visibility_seconds,
                MessageSystemAttributeNames=["ApproximateReceiveCount", "MessageGroupId"],
            )
        for message in answer.get("Messages", []):
            attributes = message["Attributes"]
            count = int(attributes["ApproximateReceiveCount"])
            return Delivery(
                id=f"{message['MessageId']}.{count}",
                body=message["Body"],
                group_id=attributes["MessageGroupId"],
                receive_count=count,
                message_id=message["MessageId"],
                receipt_handle=message["ReceiptHandle"],
                queue=queue,
                sqs=self._sqs,
            )
        return None
