"""An agent in Python that takes part in a relay of AgentHandoff."""

from .agent import Agent, Resources, Settings
from .context import Artifact, Complete, Context, Entry, Fail, File, Handoff, Message, Output, State, Wait
from .errors import NonRetryable, RetryAfter
from .worker import Worker

__all__ = [
    "Agent",
    "Artifact",
    "Complete",
    "Context",
    "Entry",
    "Fail",
    "File",
    "Handoff",
    "Message",
    "NonRetryable",
    "Output",
    "Resources",
    "RetryAfter",
    "Settings",
    "State",
    "Wait",
    "Worker",
]
