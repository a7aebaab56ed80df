"""The names under which the LangChain adapter stores LangChain's classes (docs/protocol/taking-part.md).

Their instances come as Instance, whose value is a dict of the fields that differ from those of a new one: content, id,
tool_calls and so on.
"""

from typing import Final

_NAMES = """
    HumanMessage AIMessage SystemMessage ToolMessage FunctionMessage ChatMessage RemoveMessage
    HumanMessageChunk AIMessageChunk SystemMessageChunk ToolMessageChunk FunctionMessageChunk ChatMessageChunk
    StringPromptValue ChatPromptValue ImagePromptValue Document Command Send Overwrite
"""

LANGCHAIN_CLASSES: Final = frozenset(f"langchain.{name}" for name in _NAMES.split())
