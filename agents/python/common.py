"""What the Python clients have in common: where the gateway is, what they are asked, and the one tool that they offer."""

import base64
import os
import subprocess

GATEWAY = os.environ["GATEWAY"]
MODEL = os.environ["MODEL"]
PROMPT = os.environ["PROMPT"]
IMAGE = os.environ.get("IMAGE", "")
KEY = "sk-agent"
TURNS = 10


def image() -> str:
    """The picture in base64."""
    with open(IMAGE, "rb") as file:
        return base64.b64encode(file.read()).decode()


def shell(command: str) -> str:
    """Runs a shell command and returns what it printed.

    Args:
        command: The command, for `sh -c`.
    """
    return subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=10, check=False).stdout


SCHEMA = {
    "type": "object",
    "properties": {"command": {"type": "string", "description": "The command."}},
    "required": ["command"],
    "additionalProperties": False,
}
