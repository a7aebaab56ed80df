"""Runs an agent: python -m agenthandoff_agent --resources resources.json module:agent"""

from __future__ import annotations

import argparse
import importlib
import json
import logging
import os
import sys
from dataclasses import fields
from pathlib import Path

from botocore.exceptions import BotoCoreError

from .agent import Agent, Resources, Settings
from .worker import Worker


def main() -> None:
    options = _options()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s", stream=sys.stdout)
    logging.getLogger("agenthandoff_agent").setLevel(logging.INFO)
    try:
        agent = _load(options.agent)
        resources = Resources.parse(json.loads(Path(options.resources).read_text(encoding="utf-8")))
        given = {each.name: getattr(options, each.name) for each in fields(Settings)}
        worker = Worker(agent, resources, Settings(**given))
    except (ValueError, OSError, ImportError, AttributeError, BotoCoreError) as error:
        sys.exit(f"cannot start: {error}")
    worker.stop_on_signals()
    clean = worker.work()
    if not clean:
        logging.getLogger("agenthandoff_agent").error(
            "a run did not stop when it was told to; the process ends with it"
        )
    logging.shutdown()
    # A run that was left behind must not keep the process, nor go on in it.
    os._exit(0 if clean else 1)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="agenthandoff-agent", description="Runs an agent of a relay on AWS.")
    parser.add_argument("agent", help="module:name of an Agent, the module found from the present folder")
    parser.add_argument("--resources", required=True, help="the file that the command `resources` wrote")
    for each in fields(Settings):
        flag = "--" + each.name.replace("_", "-")
        kind = float if isinstance(each.default, float) or each.type == "float" else int
        parser.add_argument(flag, type=kind, default=each.default, help=f"default: {each.default}")
    return parser.parse_args()


def _load(name: str) -> Agent:
    module, _, attribute = name.partition(":")
    sys.path.insert(0, os.getcwd())
    agent = getattr(importlib.import_module(module), attribute or "agent")
    if not isinstance(agent, Agent):
        raise ValueError(f"{name} is no Agent")
    return agent


if __name__ == "__main__":
    main()
