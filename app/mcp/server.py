"""The server of the Model Context Protocol, over stdin and stdout, by the official SDK."""

import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

import anyio
import anyio.to_thread
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp_types import (
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    TextContent,
    Tool,
    ToolAnnotations,
)

from app import json_bytes
from app.cores import usable_cores
from app.errors import StatsError
from app.installation import NAME
from app.mcp.answering import Answering, input_schema
from app.statistics.parameters import DATASET
from app.version import VERSION

_INSTRUCTIONS = """\
Statistics over CDC's BRFSS survey of adults in the United States: obesity, physical activity, fruit
and vegetables, by state, year and group. Look up questions, places and categories first. Report an
estimate with its limits (low, high) and its year, and cite `address`. Repeat what
`cannot_be_told_apart` and `warnings` say: where a difference is not clear, do not call one higher.
For facts ask query, ranking, trend, change, disparity, inequality, compare, against or correlation;
the others are plain means that a university course defines, over rows that overlap."""

Call = Callable[[Mapping[str, Any]], dict[str, Any]]


class _Tool(NamedTuple):
    """A tool as clients see it, and what answers it."""

    told: Tool
    call: Call


def _tool(name: str, title: str, text: str, schema: dict[str, Any], call: Call) -> _Tool:
    hints = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)
    told = Tool(name=name, title=title, description=text, input_schema=schema, annotations=hints)
    return _Tool(told, call)


def _tools(answering: Answering) -> dict[str, _Tool]:
    names = ", ".join(answering.datasets)
    dataset = {"type": "string", "description": f"which dataset, of {names}"}
    schema = {
        "type": "object",
        "properties": {DATASET: dataset},
        "additionalProperties": False,
    }
    tools = [
        _tool("list_questions", "Questions", "List what was asked: the id, short name and text of"
              " each question, its unit, which way is better, its years.", schema,
              answering.questions),
        _tool("list_places", "Places", "List the states, territories and the nation.", schema,
              answering.places),
        _tool("list_categories", "Categories", "List what people are told apart by (age, sex,"
              " income, ...), and the strata of each.", schema, answering.categories),
    ]  # fmt: skip
    for statistic in answering.statistics.values():
        example = json_bytes.encode(statistic.example).decode()
        tools.append(
            _tool(
                statistic.name,
                statistic.title,
                f"{statistic.summary.rstrip('.')}. Example: {example}",
                input_schema(statistic),
                partial(answering.answer, statistic),
            )
        )
    return {one.told.name: one for one in tools}


def _result(call: Call, arguments: Mapping[str, Any]) -> CallToolResult:
    """Return what a tool answers, or why it does not, in words that help to ask again."""
    try:
        answer = call(arguments)
    except StatsError as error:
        return _refusal(str(error))
    except Exception:
        logging.getLogger("app.mcp").exception("a tool failed")
        return _refusal("the tool failed unexpectedly; the log tells more")
    text = json_bytes.encode(answer)
    # As the protocol has it: the same as text, for clients that know no structured content.
    content = [TextContent(text=text.decode())]
    return CallToolResult(content=[*content], structured_content=json_bytes.decode(text))


def _refusal(reason: str) -> CallToolResult:
    return CallToolResult(content=[TextContent(text=reason)], is_error=True)


async def _serve(answering: Answering) -> None:
    tools = _tools(answering)
    limiter = anyio.CapacityLimiter(usable_cores())

    async def list_tools(_context: Any, _params: Any) -> ListToolsResult:
        return ListToolsResult(tools=[one.told for one in tools.values()])

    async def call_tool(_context: Any, params: CallToolRequestParams) -> CallToolResult:
        tool = tools.get(params.name)
        if tool is None:
            return _refusal(f'unknown tool "{params.name[:100]}"; known: {", ".join(tools)}')
        # On a thread: the client may cancel, ping and ask more meanwhile.
        work = partial(_result, tool.call, params.arguments or {})
        return await anyio.to_thread.run_sync(work, limiter=limiter)

    server: Server[Any] = Server(
        NAME,
        version=VERSION,
        title="Le Stats Sportif",
        instructions=_INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )
    async with stdio_server() as (incoming, outgoing):
        await server.run(incoming, outgoing, server.create_initialization_options())


def run(answering: Answering) -> None:
    """Serve one client until it closes the connection."""
    anyio.run(_serve, answering)
