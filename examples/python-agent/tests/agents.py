"""Agents for the tests: each shows one thing that a run can do."""

import os
import signal
import sys
import time
from datetime import datetime, timezone
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import release
from agenthandoff_agent import Agent, Artifact, Complete, Context, Entry, Fail, Handoff, Output, Wait
from agenthandoff_agent.encode import now
from agenthandoff_agent.langchain import LANGCHAIN_CLASSES
from agenthandoff_agent.queues import Queues

FOLDER = Path(os.environ.get("TEST_FOLDER", "."))


def described(entry: Entry) -> dict[str, object]:
    value = entry.value
    if isinstance(value, Artifact):
        value = {"name": value.name, "mediaType": value.media_type, "size": value.size, "sha256": value.sha256}
    return {"id": entry.id, "agent": entry.agent, "kind": entry.kind, "name": entry.name, "value": value}


def release_and_tell(context: Context) -> Handoff:
    """The example's agent, which also hands on all that it was given."""
    result = release.run(context)
    seen = Output([described(entry) for entry in context.entries], "seen")
    return Handoff(result.to, result.reason, [*result.entries, seen])


def hand_on(context: Context) -> Handoff:
    usage = {"input_tokens": 3, "model_calls": 1}
    arguments = {"price": 12.5, "since": datetime.fromtimestamp(0, timezone.utc), "umlaut": "ü"}
    # Twice the same call, which are two calls.
    keys = [context.idempotency_key("charge", arguments) for _ in range(2)]
    output = {"attempt": context.attempt_number, "input": context.input, "keys": keys}
    return Handoff("deploy", "as it is", [Output(output)], usage)


def wait_for_stop(context: Context) -> Handoff:
    (FOLDER / "started").touch()
    context.stop.wait()
    return hand_on(context)


def wait_for_file(context: Context) -> Handoff:
    (FOLDER / "started").touch()
    while not (FOLDER / "go").exists():
        context.stop.wait(0.05)
    return hand_on(context)


def ignore_stop(_context: Context) -> Handoff:
    (FOLDER / "started").touch()
    while True:
        time.sleep(1)


def raise_always(_context: Context) -> Handoff:
    raise ValueError("no luck with password https://ann:secret@example.com")


def ask(context: Context) -> Complete | Wait:
    if context.answer is None:
        return Wait(question={"ask": "go on?", "since": now()})
    return Complete("answered", [Output(context.answer)])


def hand_astray(_context: Context) -> Handoff:
    return Handoff("nobody", entries=[Output("what is lost otherwise")])


def give_a_tuple(_context: Context) -> Handoff:
    return Handoff("deploy", entries=[Output({"pair": (1, 2)})])


def give_up(_context: Context) -> Fail:
    return Fail("the file is empty")


def agent(run: object) -> Agent:
    return Agent("release", run, ["code", "deploy"], LANGCHAIN_CLASSES)  # type: ignore[arg-type]


telling = agent(release_and_tell)
handing_on = agent(hand_on)
stopped = agent(wait_for_stop)
slow = agent(wait_for_file)
stubborn = agent(ignore_stop)
raising = agent(raise_always)
asking = agent(ask)
astray = agent(hand_astray)
lossy = agent(give_a_tuple)
giving_up = agent(give_up)
unlearned = Agent("release", hand_on, ["deploy"])

if os.environ.get("TEST_KILLED_BEFORE_SEND"):
    # As a kill -9 between the commit and the send: the slot is filled and the audit written, no message is sent.
    Queues.send = lambda *_: os.kill(os.getpid(), signal.SIGKILL)  # type: ignore[method-assign]
