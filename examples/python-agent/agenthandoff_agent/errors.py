"""What can be wrong with stored bytes, with messages, and with what an agent returns."""


class HandoffError(Exception):
    """Any error that this package raises by itself."""


class Damaged(HandoffError):
    """Stored bytes are not what was written. Nothing in them may be acted on."""


class NotUnderstood(HandoffError):
    """Stored bytes or a message that a newer reader, or one that knows more classes, may understand."""


class Erased(HandoffError):
    """A tombstone stands in the slot: the task's content was erased, and every message of it is to be dropped."""


class Unusable(HandoffError):
    """A message that nobody can ever use."""


class NotSerializable(HandoffError):
    """A value that the record cannot keep without loss. The message names the place, and what to write instead."""


class BackendError(HandoffError):
    """S3, SQS or DynamoDB failed or did not answer. What was asked for may have happened."""


class NonRetryable(Exception):
    """An agent raises it to fail the task at once: another try would not help."""


class RetryAfter(Exception):
    """An agent raises it to be tried again after so many seconds: a provider's rate limit, say."""

    def __init__(self, message: str, seconds: float) -> None:
        super().__init__(message)
        self.seconds = seconds
