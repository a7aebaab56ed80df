"""The agent `release` of apps/relay-aws, in Python: a second look, in another language, before anything is packed.

It stands between QA and Deploy, reads what Research, Code and QA left, and counts the rows of the file by itself.
"""

import csv
import hashlib
import io

from agenthandoff_agent import Agent, Context, File, Handoff, NonRetryable, Output, State
from agenthandoff_agent.encode import now
from agenthandoff_agent.langchain import LANGCHAIN_CLASSES
from agenthandoff_agent.values import Map


# #region run
def run(context: Context) -> Handoff:
    package, verdict = context.state("package"), context.latest("qa", "verdict")
    if package is None or verdict is None:
        raise NonRetryable("there is no package that QA has checked")
    table = read_table(file_of(context), package["spec"]["source"])
    columns = [column["name"] for column in package["spec"]["columns"]]
    found = list(table[0]) if table else []
    if (found, len(table)) != (columns, verdict["rows"]):
        seen = f"the file has {len(table)} rows of {found}, where QA saw {verdict['rows']} rows of {columns}"
        return Handoff("code", reason=seen, entries=[State("release", {"reason": seen})])
    empty = Map([(name, sum(row[name] == "" for row in table)) for name in columns])
    report = "\n".join(f"{name}: {count} empty" for name, count in empty.entries)
    inspection = {"version": package["version"], "rows": len(table), "empty": empty, "checkedAt": now()}
    return Handoff(
        "deploy",
        reason="Python counts the same rows and columns",
        entries=[Output(inspection, "inspection"), File("inspection.txt", report)],
    )
# #endregion


def file_of(context: Context) -> bytes:
    """The task's file, from the parts that the caller gave."""
    data = b"".join(each.value.read() for each in context.select("artifact") if each.hop == 0)
    if hashlib.sha256(data).hexdigest() != context.input["sha256"]:
        raise NonRetryable("the parts of the file do not make the file that the task was started with")
    return data


def read_table(data: bytes, source: dict[str, str]) -> list[dict[str, str]]:
    if source["kind"] not in ("csv", "tsv"):
        raise NonRetryable(f"this agent reads CSV and TSV; the file is {source['kind']}")
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig")), delimiter=source.get("delimiter", ",")))


agent = Agent("release", run, hands_to=["code", "deploy"], classes=LANGCHAIN_CLASSES)
