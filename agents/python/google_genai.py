"""google-genai: Gemini's API with automatic function calling, which sends the history back by itself."""

import base64

from common import GATEWAY, IMAGE, MODEL, PROMPT, image, shell
from google import genai
from google.genai import types

client = genai.Client(
    api_key="k",
    http_options=types.HttpOptions(base_url=GATEWAY, retry_options=types.HttpRetryOptions(attempts=3, initial_delay=0.1)),
)
parts = [types.Part.from_text(text=PROMPT)]
if IMAGE:
    parts.append(types.Part.from_bytes(data=base64.b64decode(image()), mime_type="image/png"))
response = client.models.generate_content(
    model=MODEL,
    contents=[types.Content(role="user", parts=parts)],
    config=types.GenerateContentConfig(tools=[shell], thinking_config=types.ThinkingConfig(include_thoughts=True, thinking_budget=1024)),
)
print(response.text)
