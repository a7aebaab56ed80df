"""Hands JSON objects to the agents of a relay with boto3 alone, as section 11 of docs/protocol/README.md says.

    producer.py hand-over --bucket B --queue-url URL --producer ingest --task-id orders-42 [--name N] < object.json
    producer.py answer    --bucket B --queue-url URL --producer ingest --own-queue-url URL < object.json
"""

# #region hand-over
import hashlib
import json
import uuid

import boto3
from botocore.exceptions import ClientError

s3 = boto3.client("s3")
sqs = boto3.client("sqs")


def hand_over(content: dict, *, bucket: str, queue_url: str, producer: str, task_id: str, name: str = "") -> str:
    """Puts an object, tells the agent whose queue it is, and returns the key. Safe to repeat under the same name."""
    key = f"handoffs/{producer}/{name or uuid.uuid4()}.json"
    body = json.dumps(content, allow_nan=False).encode()
    try:
        s3.put_object(Bucket=bucket, Key=key, Body=body, ContentType="application/json", IfNoneMatch="*")
    except ClientError as error:
        # It lies there since an earlier try. The relay may have read it, so it stays as it is.
        if error.response["Error"]["Code"] != "PreconditionFailed":
            raise
    sqs.send_message(
        QueueUrl=queue_url,
        MessageBody=json.dumps({"from_agent": producer, "context_s3_key": key, "task_id": task_id}),
        MessageGroupId=task_id,
        MessageDeduplicationId=hashlib.sha256(key.encode()).hexdigest(),
    )
    return key
# #endregion


# #region answer
def answer(work, *, bucket: str, queue_url: str, producer: str, own_queue_url: str) -> str | None:
    """Takes one task that was handed to this producer, and hands it on with what `work` makes of its envelope."""
    received = sqs.receive_message(QueueUrl=own_queue_url, MaxNumberOfMessages=1, WaitTimeSeconds=20)
    for message in received.get("Messages", []):
        envelope = json.loads(message["Body"])
        if envelope["v"] != 1 or envelope["to_agent"] != producer:
            raise ValueError(f"no envelope for {producer} that this program understands")
        # Named after the handoff that it answers: if this message comes again, it is the same object, taken in once.
        name = envelope["handoff_sha256"]
        to = {"bucket": bucket, "queue_url": queue_url, "producer": producer, "task_id": envelope["task_id"]}
        key = hand_over(work(envelope), **to, name=name)
        sqs.delete_message(QueueUrl=own_queue_url, ReceiptHandle=message["ReceiptHandle"])
        return key
    return None
# #endregion


def main() -> None:
    import argparse
    import sys

    parser = argparse.ArgumentParser(description="Hands the JSON object on standard input to an agent of a relay.")
    commands = parser.add_subparsers(dest="command", required=True)
    for command in (commands.add_parser("hand-over"), commands.add_parser("answer")):
        command.add_argument("--bucket", required=True)
        command.add_argument("--queue-url", required=True, help="of the agent that it hands to")
        command.add_argument("--producer", required=True, help="its own name, as the relay declares it")
    commands.choices["hand-over"].add_argument("--task-id", required=True)
    commands.choices["hand-over"].add_argument("--name", default="", help="of the object; default: a random one")
    commands.choices["answer"].add_argument("--own-queue-url", required=True)
    options = vars(parser.parse_args())
    content = json.load(sys.stdin)
    if options.pop("command") == "hand-over":
        print(hand_over(content, **options))
    else:
        print(answer(lambda envelope: content, **options) or "nothing to answer")


if __name__ == "__main__":
    main()
