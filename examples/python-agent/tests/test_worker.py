"""What a worker promises of leases, runs, texts and values, without any server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from collections.abc import Callable
from datetime import datetime, timezone
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from agenthandoff_agent import Agent, Complete, Fail, Handoff, Settings, audit, encode, values
from agenthandoff_agent.decode import decode
from agenthandoff_agent.errors import BackendError, Damaged, NotSerializable
from agenthandoff_agent.run import Lease, run_agent
from agenthandoff_agent.strict_json import parse, write
from agenthandoff_agent.text import redacted, shortened

EXAMPLE = Path(__file__).resolve().parents[1]
NEVER: Callable[[], None] = lambda: None  # noqa: E731


class FakeDelivery:
    """Answers extensions from a list; the last answer again and again."""

    def __init__(self, *answers: bool | Exception) -> None:
        self.answers = list(answers)
        self.extended = 0
        self.often = threading.Event()

    def extend(self, _seconds: int) -> bool:
        self.extended += 1
        if self.extended >= 4:
            self.often.set()
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


def lease(delivery: FakeDelivery, is_decided: Callable[[], bool] = lambda: False) -> Lease:
    made: Any = Lease
    kept: Lease = made(delivery, 0.003, is_decided)
    return kept


def context() -> Any:
    return SimpleNamespace(stop=threading.Event())


class Leases(unittest.TestCase):
    def test_are_extended_as_long_as_they_are_kept_and_outlive_an_outage(self) -> None:
        delivery = FakeDelivery(True, BackendError("an outage"), True)
        with lease(delivery) as kept:
            delivery.often.wait()
            self.assertIsNone(kept.lost)
        extended = delivery.extended
        self.assertGreaterEqual(extended, 4)
        self.assertEqual(delivery.extended, extended)

    def test_interrupt_the_run_once_the_queue_says_that_they_are_lost(self) -> None:
        with lease(FakeDelivery(True, False)) as kept:
            ending = run_agent(agent(until_stopped), context(), Settings(grace=60), forever(), lambda: kept.lost)
        self.assertEqual((ending.interruption, ending.result, ending.abandoned), ("lease-lost", None, False))

    def test_interrupt_the_run_once_somebody_else_has_decided(self) -> None:
        with lease(FakeDelivery(True), lambda: True) as kept:
            ending = run_agent(agent(until_stopped), context(), Settings(grace=60), forever(), lambda: kept.lost)
        self.assertEqual(ending.interruption, "taken")


class Runs(unittest.TestCase):
    def test_end_with_what_they_return(self) -> None:
        ending = run_agent(agent(lambda _: Complete()), context(), Settings(), forever(), NEVER)
        self.assertEqual((ending.result, ending.error, ending.interruption), (Complete(), None, None))

    def test_end_with_what_they_raise(self) -> None:
        def run(_context: Any) -> Fail:
            raise KeyError("rows")

        ending = run_agent(agent(run), context(), Settings(), forever(), NEVER)
        self.assertIsInstance(ending.error, KeyError)

    def test_fail_for_good_where_they_return_no_decision(self) -> None:
        ending = run_agent(agent(lambda _: "done"), context(), Settings(), forever(), NEVER)
        self.assertRegex(str(ending.error), "returned str; return Handoff")

    def test_are_stopped_at_their_deadline_and_left_behind_after_the_grace(self) -> None:
        release = threading.Event()

        def run(_context: Any) -> Complete:
            release.wait()
            return Complete()

        ending = run_agent(agent(run), context(), Settings(grace=0), time.time(), NEVER)
        release.set()
        self.assertEqual((ending.interruption, ending.abandoned, ending.result), ("deadline", True, None))


class Attempts(unittest.TestCase):
    def test_count_what_was_started_and_not_taken_back(self) -> None:
        def event(kind: str, attempt: str) -> audit.Event:
            return audit.event_of("t", 0, kind, "", "qa", {"attempt": attempt}, attempt)

        events = [event("attempt_started", each) for each in ("m.1", "m.2", "m.3")]
        events += [event("attempt_failed", "m.1"), event("attempt_released", "m.2")]
        self.assertEqual(audit.count_attempts(events), 2)


class Events(unittest.TestCase):
    def test_go_after_their_retention_and_do_not_come_back(self) -> None:
        written: list[Any] = []

        class Dynamo:
            def transact_write_items(self, TransactItems: list[Any]) -> None:
                written.extend(each["Put"]["Item"] for each in TransactItems)

        log = audit.AuditLog(Dynamo(), "table", "relay", retention_days=10)
        for at in ("2999-01-02T03:04:05.678Z", "2001-01-02T03:04:05.678Z"):
            log.append(audit.event_of("t", 0, "refused", at, "qa", {}, "m.1"))
        year_2999 = datetime(2999, 1, 12, 3, 4, 5, tzinfo=timezone.utc)
        self.assertEqual([each["expiresAt"] for each in written], [{"N": str(round(year_2999.timestamp()))}])


class Texts(unittest.TestCase):
    def test_are_cut_by_utf_16_units_and_never_within_a_character(self) -> None:
        self.assertEqual(shortened("ab😀", 4), "ab😀")
        self.assertEqual(shortened("ab😀c", 4), "ab…")
        self.assertEqual(shortened("abc😀", 4), "abc…")

    def test_lose_the_credentials_in_them(self) -> None:
        text = "GET http://ann:pw@host/ Authorization: Bearer abcdefghijkl, X-Api-Key=12345678"
        self.assertEqual(
            redacted(text), "GET http://ann:[redacted]@host/ Authorization: [redacted], X-Api-Key=[redacted]"
        )


class Starts(unittest.TestCase):
    def run_it(self, arguments: list[str], queues: str = "release code deploy", **environment: str | None) -> str:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "resources.json")
            named = {name: {"url": "u", "deadLetterUrl": "d"} for name in queues.split()}
            path.write_text(json.dumps({"relayId": "relay", "bucket": "b", "table": "t", "queues": named}))
            command = [sys.executable, "-m", "agenthandoff_agent", "--resources", str(path), *arguments]
            wanted = {**os.environ, "AWS_DEFAULT_REGION": "us-east-1", **environment}
            given = {name: value for name, value in wanted.items() if value is not None}
            ended = subprocess.run(command, cwd=EXAMPLE, env=given, capture_output=True, text=True, check=False)
        self.assertEqual(ended.returncode, 1)
        return ended.stderr

    def test_that_cannot_work_end_at_once_and_say_what_to_do(self) -> None:
        release = "release:agent"
        self.assertRegex(self.run_it([release], queues="release code"), "no queue for deploy")
        self.assertRegex(self.run_it([release, "--wait", "99"]), "wait from 0 to 20")
        self.assertRegex(self.run_it(["release:run"]), "no Agent")
        self.assertRegex(self.run_it([release], AGENTHANDOFF_SCHEMAS="/nowhere"), "set AGENTHANDOFF_SCHEMAS")
        nowhere = {"AWS_DEFAULT_REGION": None, "AWS_REGION": "us-east-1", "AWS_CONFIG_FILE": os.devnull}
        self.assertRegex(self.run_it([release], **nowhere), r"^cannot start: .*set AWS_DEFAULT_REGION")


class Values(unittest.TestCase):
    def test_that_would_not_come_back_are_refused_with_their_place_and_what_to_give_instead(self) -> None:
        instant = datetime(2026, 1, 2, 3, 4, 5, 678_000)
        for value, message in [
            ((1, 2), r"value\.a\[1\] is a tuple, .* give list"),
            ({1}, "give a Set"),
            (Decimal("0.1"), "give str"),
            (instant, "without a time zone"),
            (instant.replace(microsecond=678_001, tzinfo=timezone.utc), "finer than a millisecond"),
            (instant.date(), "give isoformat"),
            ({1: 2}, "a key that is no string; give a Map"),
            (object(), "give what it holds as a dict"),
            (values.Map([(1, "a"), (1.0, "b")]), "twice"),
            (values.Instance("example.Other", {}), "not registered"),
        ]:
            with self.assertRaisesRegex(NotSerializable, message):
                encode.encode({"a": [0, value]})

    def test_come_back_to_the_place_where_they_were_shared(self) -> None:
        part: dict[str, Any] = {"7": 1, "b": 2}
        part["self"] = part
        value = {"b": part, "7": [part]}
        back = decode(parse(write(encode.encode(value))))
        # As ECMAScript orders names, so that no reader meets a reference before its value.
        self.assertEqual(list(back), ["7", "b"])
        self.assertIs(back["b"], back["7"][0])
        self.assertIs(back["b"]["self"], back["b"])

    def test_that_lead_back_to_themselves_through_a_class_are_refused(self) -> None:
        text = (
            '{"$ah":"def","id":0,"value":[{"$ah":"def","id":1,"value":[{"$ah":"ref","id":0}]},'
            '{"$ah":"class","name":"C","value":{"$ah":"ref","id":1}}]}'
        )
        with self.assertRaisesRegex(Damaged, "cycle"):
            decode(parse(text), classes=["C"])

    def test_nested_deeper_than_python_goes_end_with_an_error_of_their_own(self) -> None:
        deep: list[Any] = []
        for _ in range(100_000):
            deep = [deep]
        with self.assertRaisesRegex(NotSerializable, "too deep"):
            encode.encode(deep)
        with self.assertRaisesRegex(Exception, "deeper than this reader goes"):
            parse("[" * 200_000 + "]" * 200_000)


def agent(run: Any) -> Agent:
    return Agent("qa", run)


def until_stopped(context: Any) -> Handoff:
    context.stop.wait()
    return Handoff("deploy")


def forever() -> float:
    return time.time() + 3_600


if __name__ == "__main__":
    unittest.main(verbosity=2)
