// Messages client -> Claude on Vertex AI: rawPredict and streamRawPredict take Anthropic's own body.

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { CloudRules } from "../pass-messages/body";
import { MessagesPass } from "../pass-messages/translator";
import { writeForeignError } from "../conversation/error-writer";
import { TranslateContext } from "../translator";
import { writeGoogleError } from "./error";
import { namePlainly, writeClaudePath } from "./paths";

/**
 * Fields, betas and marks that Vertex answers with 400 ("Extra inputs are not permitted") are left out.
 * (https://docs.cloud.google.com/vertex-ai/generative-ai/docs/partner-models/claude/use-claude and
 * https://platform.claude.com/docs/en/build-with-claude/claude-on-vertex-ai, Nov 2026)
 */
function vertexRules(counts: bool): CloudRules {
  return new CloudRules(
    "vertex-2023-10-16",
    ["computer-use-", "context-1m-", "interleaved-thinking-", "tool-search-tool-", "web-search-", "compact-"],
    ["context_management", "service_tier", "betas", "diagnostics"],
    true,
    !counts,
  );
}

@final
export class VertexClaude extends MessagesPass {
  constructor(context: TranslateContext) {
    super(context, vertexRules(context.counts));
    namePlainly(context);
  }

  path(out: Buffer): void {
    writeClaudePath(this.context, out);
  }

  event(name: View, data: View, out: Buffer): void {
    // Vertex' own event in Claude's streams (seen Nov 2025); it says nothing of the response.
    if (!name.equals("vertex_event")) super.event(name, data, out);
  }

  /** What goes wrong before the model is reached is told in Google's form. */
  protected foreignError(status: i32, body: View, out: Buffer): void {
    if (!writeGoogleError(this.doc, status, body, out)) writeForeignError(out, status, body);
  }
}
