// Where Vertex AI is called: host, paths of models by publisher, with a project or in express mode (an API key, no project).
// Source: (https://cloud.google.com/vertex-ai/docs/reference/rest/v1/publishers.models, Nov 2026).

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { ProviderField } from "../../config/schema.gen";
import { appendSegment } from "../../http/url";
import { TranslateOptions } from "../options";
import { TranslateContext } from "../translator";
import { projectOf } from "../to-gemini/project";

/** Models whose names begin so are Anthropic's; all others are Google's own. */
const CLAUDE: string = "claude";

/** The host of the region; `global`, none, and express mode have no region in it. `us` and `eu` are multi-regions. */
export function writeVertexHost(options: TranslateOptions, out: Buffer): void {
  const region = options.hasTokens ? View.empty() : options.settings.text(ProviderField.VERTEX_REGION);
  if (region.isOneOf("us eu")) {
    out.wrap("aiplatform.", region, ".rep.googleapis.com");
    return;
  }
  if (region.length != 0 && !region.equals("global")) {
    out.view(region);
    out.byte(Ascii.Hyphen);
  }
  out.ascii("aiplatform.googleapis.com");
}

/** The model's own name: `google/gemini-x`, `models/gemini-x` and `publishers/google/models/gemini-x` are gemini-x. */
export function vertexModel(model: View): View {
  let start = 0;
  for (let slash = model.indexOf(Ascii.Slash); slash >= 0; slash = model.indexOf(Ascii.Slash, start)) start = slash + 1;
  return model.slice(start, model.length);
}

/** The body of a request that is only to be counted names Claude's model, and by its own name. */
export function namePlainly(context: TranslateContext): void {
  if (context.counts) context.model = vertexModel(context.model);
}

export function isClaude(model: View): bool {
  return vertexModel(model).startsWithIgnoreCase(CLAUDE);
}

/**
 * Writes the path of a model's method (`:predict`, query included). Without a project it is that of express mode.
 * `endpoints/<id>` is a tuned model, which has no publisher.
 */
export function writeVertexPath(options: TranslateOptions, model: View, method: string, out: Buffer): void {
  const isTuned = model.startsWith("endpoints/");
  writeLocation(options, out);
  if (isTuned) out.ascii("/endpoints/");
  else out.ascii(isClaude(model) ? "/publishers/anthropic/models/" : "/publishers/google/models/");
  const name = vertexModel(model);
  // Versions of Claude follow an @, which may stand in a path as it is, and does in Google's references.
  const at = name.indexOf(Ascii.At);
  appendSegment(out, at < 0 ? name : name.slice(0, at));
  if (at >= 0) {
    out.byte(Ascii.At);
    appendSegment(out, name.slice(at + 1, name.length));
  }
  out.ascii(method);
}

/** The path of a method (`:predict`) of the context's model. */
export function writeVertexMethod(context: TranslateContext, method: string, out: Buffer): void {
  writeVertexPath(context.options, context.model, method, out);
}

/**
 * The path of Claude's method. That which counts tokens is no model's
 * (https://cloud.google.com/vertex-ai/generative-ai/docs/partner-models/claude/count-tokens, Nov 2026).
 */
export function writeClaudePath(context: TranslateContext, out: Buffer): void {
  if (!context.counts) writeVertexPath(context.options, context.model, context.stream ? ":streamRawPredict" : ":rawPredict", out);
  else {
    writeLocation(context.options, out);
    out.ascii("/publishers/anthropic/models/count-tokens:rawPredict");
  }
}

/** The path of the OpenAI-compatible chat completions. It has no express mode. */
export function writeVertexChatPath(options: TranslateOptions, out: Buffer): void {
  writeLocation(options, out);
  out.ascii("/endpoints/openapi/chat/completions");
}

function writeLocation(options: TranslateOptions, out: Buffer): void {
  out.ascii("/v1");
  const project = projectOf(options);
  if (project.length == 0) return;
  out.ascii("/projects/");
  appendSegment(out, project);
  out.ascii("/locations/");
  appendSegment(out, options.settings.text(ProviderField.VERTEX_REGION));
}

/** The model's name for the OpenAI-compatible endpoint: with its publisher, Google when it names none. */
export function writeVertexChatModel(model: View, out: Buffer): void {
  if (model.indexOf(Ascii.Slash) < 0) out.ascii("google/");
  out.view(model);
}
