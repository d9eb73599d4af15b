"""anthropic: the Messages API with the SDK's own tool loop, streamed."""

from anthropic import Anthropic, beta_tool
from common import GATEWAY, IMAGE, KEY, MODEL, PROMPT, TURNS, image, shell

content = [{"type": "text", "text": PROMPT}]
if IMAGE:
    content.append({"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": image()}})
runner = Anthropic(base_url=GATEWAY, api_key=KEY).beta.messages.tool_runner(
    model=MODEL,
    max_tokens=4000,
    thinking={"type": "enabled", "budget_tokens": 1024},
    tools=[beta_tool(shell)],
    messages=[{"role": "user", "content": content}],
    max_iterations=TURNS,
    stream=True,
)
for stream in runner:
    message = stream.get_final_message()
print("".join(block.text for block in message.content if block.type == "text"))
