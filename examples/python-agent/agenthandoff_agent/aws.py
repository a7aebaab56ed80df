"""What S3, SQS and DynamoDB have in common here: clients, and errors that are told apart."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoRegionError

from .errors import BackendError

# Longer than any long poll.
_TIMEOUT_SECONDS = 60


@dataclass(frozen=True)
class Clients:
    s3: Any
    sqs: Any
    dynamodb: Any


def make_clients(session: boto3.Session | None = None) -> Clients:
    """Clients by the SDK's own chain of settings, endpoints of other servers (AWS_ENDPOINT_URL_S3, …) included.

    Raises ValueError where that chain names no region.
    """
    given = session or boto3.Session()
    retries: Any = {"mode": "standard", "total_max_attempts": 5}
    config = Config(connect_timeout=10, read_timeout=_TIMEOUT_SECONDS, retries=retries)
    try:
        return Clients(*(given.client(name, config=config) for name in ("s3", "sqs", "dynamodb")))
    except NoRegionError as error:
        raise ValueError("no region is set: set AWS_DEFAULT_REGION (boto3 does not read AWS_REGION)") from error


def code_of(error: BaseException | None) -> str:
    """What AWS calls an error, or an empty text."""
    return str(error.response.get("Error", {}).get("Code", "")) if isinstance(error, ClientError) else ""


@contextmanager
def calling(operation: str, subject: str) -> Iterator[None]:
    """Turns what the SDK raises into a BackendError, whose cause it stays."""
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        why = code_of(error) or type(error).__name__
        raise BackendError(f"{operation} of {subject} failed: {why}") from error
