// countTokens of Gemini's API and of Vertex AI.

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { CountService } from "../conversation/count-service";

/** What Vertex AI counts; Google takes both spellings. */
const VERTEX_MEMBERS: string = "contents systemInstruction system_instruction tools generationConfig generation_config";
/** What Gemini's API takes in a whole request. */
const MEMBERS: string = VERTEX_MEMBERS + " toolConfig tool_config safetySettings safety_settings cachedContent cached_content";

/**
 * A whole request stands in generateContentRequest, and names the model once more
 * (https://ai.google.dev/api/tokens#method:-models.counttokens, Nov 2026).
 */
export function geminiCount(model: View): CountService {
  const service = new CountService("totalTokens", MEMBERS, '{"generateContentRequest":{"model":"', "}}");
  const name = new Buffer(64);
  if (!model.startsWith("models/") && !model.startsWith("tunedModels/")) name.ascii("models/");
  name.view(model);
  service.model = name.toView();
  return service;
}

/**
 * Its members are the body's own
 * (https://docs.cloud.google.com/vertex-ai/docs/reference/rest/v1/projects.locations.endpoints/countTokens, Nov 2026).
 */
export function vertexCount(): CountService {
  return new CountService("totalTokens", VERTEX_MEMBERS);
}
