"""litellm as a client: its own form of chat on the outside; Messages or chat completions on the wire, as MODEL's prefix says."""

import json

import litellm
from common import GATEWAY, IMAGE, KEY, MODEL, PROMPT, SCHEMA, TURNS, image, shell

litellm.telemetry = False
litellm.suppress_debug_info = True
content = [{"type": "text", "text": PROMPT}]
if IMAGE:
    content.append({"type": "image_url", "image_url": {"url": f"data:image/png;base64,{image()}"}})
messages = [{"role": "user", "content": content}]
tools = [{"type": "function", "function": {"name": "shell", "description": "Runs a command.", "parameters": SCHEMA}}]
is_messages = MODEL.startswith("anthropic/")
extra = {"thinking": {"type": "enabled", "budget_tokens": 1024}, "max_tokens": 4000} if is_messages else {}
for _ in range(TURNS):
    stream = litellm.completion(
        model=MODEL,
        messages=messages,
        tools=tools,
        stream=True,
        api_base=GATEWAY if is_messages else f"{GATEWAY}/v1",
        api_key=KEY,
        num_retries=2,
        **extra,
    )
    message = litellm.stream_chunk_builder(list(stream), messages=messages).choices[0].message
    messages.append(message)
    for call in message.tool_calls or []:
        output = shell(json.loads(call.function.arguments)["command"])
        messages.append({"role": "tool", "tool_call_id": call.id, "content": output})
    if not message.tool_calls:
        print(message.content)
        break
