// The tool that the tool loops of all tests call.
import { betaTool } from "@anthropic-ai/sdk/helpers/beta/json-schema";
import type OpenAI from "openai";

export const SCHEMA = {
  type: "object" as const,
  properties: { city: { type: "string" as const } },
  required: ["city"],
  additionalProperties: false,
};

/** What the tool says of the two cities that the providers' scripted responses ask for. */
export const TOOL_RESULTS = ["Zürich: 7 °C", "東京: 7 °C"];

/** The tool as the openai package's runner takes it; it notes in `ran` what it was called with. */
export const weatherTool = (ran: string[]) =>
  ({
    type: "function" as const,
    function: {
      name: "weather",
      description: "The weather of a city",
      parameters: SCHEMA,
      parse: JSON.parse as (text: string) => { city: string },
      function: ({ city }: { city: string }) => {
        ran.push(city);
        return `${city}: 7 °C`;
      },
    },
  }) satisfies OpenAI.ChatCompletionTool | object;

/** The same tool as the Anthropic package's runner takes it. */
export const anthropicWeatherTool = (ran: string[]) =>
  betaTool({
    name: "weather",
    description: "The weather of a city",
    inputSchema: SCHEMA,
    run: (input) => {
      const { city } = input as { city: string };
      ran.push(city);
      return `${city}: 7 °C`;
    },
  });
