"""openai-agents: the Responses API, streamed, nothing stored at the provider."""

import asyncio

from agents import Agent, ModelSettings, OpenAIResponsesModel, Runner, function_tool, set_tracing_disabled
from agents.model_settings import Reasoning
from common import GATEWAY, IMAGE, KEY, MODEL, PROMPT, TURNS, image, shell
from openai import AsyncOpenAI

set_tracing_disabled(True)


async def main() -> None:
    client = AsyncOpenAI(base_url=f"{GATEWAY}/v1", api_key=KEY)
    settings = ModelSettings(store=False, response_include=["reasoning.encrypted_content"], reasoning=Reasoning(effort="medium"))
    agent = Agent(
        name="shell",
        instructions="You run commands.",
        model=OpenAIResponsesModel(model=MODEL, openai_client=client),
        model_settings=settings,
        tools=[function_tool(shell)],
    )
    content = [{"type": "input_text", "text": PROMPT}]
    if IMAGE:
        content.append({"type": "input_image", "detail": "auto", "image_url": f"data:image/png;base64,{image()}"})
    run = Runner.run_streamed(agent, [{"role": "user", "content": content}], max_turns=TURNS)
    async for _ in run.stream_events():
        pass
    print(run.final_output)


asyncio.run(main())
