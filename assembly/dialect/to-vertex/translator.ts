// OpenAI chat completions over Vertex AI. The model decides who is behind it: Claude speaks Anthropic's Messages, all others
// Gemini's generateContent. Both are translated where they are at home; Vertex differs in the path and in few fields.

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument } from "../../json/document";
import { Usage } from "../../usage/usage";
import { CountService } from "../conversation/count-service";
import { AnthropicTranslator } from "../to-anthropic/translator";
import { GeminiTranslator } from "../to-gemini/translator";
import { TranslateContext, Translator } from "../translator";
import { writeGoogleError } from "./error";
import { isClaude, namePlainly, writeClaudePath, writeVertexPath } from "./paths";

/**
 * In Claude's body in place of `model`
 * (https://cloud.google.com/vertex-ai/generative-ai/docs/partner-models/claude/use-claude, Nov 2026).
 */
const CLAUDE_VERSION: string = "vertex-2023-10-16";

@final
export class VertexTranslator extends Translator {
  private inner: Translator | null = null;
  private isClaude: bool = false;

  constructor(context: TranslateContext) {
    super(context);
  }

  get knowsConversation(): bool {
    return true;
  }

  /** The translator for the model, which is known once the request's body is there. */
  private chosen(): Translator {
    const inner = this.inner;
    if (inner !== null) return inner;
    let made: Translator;
    this.isClaude = isClaude(this.context.model);
    if (this.isClaude) {
      namePlainly(this.context);
      const claude = new AnthropicTranslator(this.context);
      claude.bodyVersion = CLAUDE_VERSION;
      made = claude;
    } else made = new GeminiTranslator(this.context, true);
    this.inner = made;
    return made;
  }

  request(body: View, out: Buffer): bool {
    const inner = this.chosen();
    const written = inner.request(body, out);
    return written || this.refuse(inner.problem, inner.problemParam);
  }

  get usage(): Usage {
    return this.chosen().usage;
  }

  path(out: Buffer): void {
    this.chosen();
    const context = this.context;
    const method = context.counts ? ":countTokens" : context.stream ? ":streamGenerateContent?alt=sse" : ":generateContent";
    if (this.isClaude) writeClaudePath(context, out);
    else writeVertexPath(context.options, context.model, method, out);
  }

  get counter(): CountService | null {
    return this.chosen().counter;
  }

  response(body: View, out: Buffer): bool {
    const inner = this.chosen();
    const understood = inner.response(body, out);
    this.copyNames(inner);
    return understood;
  }

  event(name: View, data: View, out: Buffer): void {
    const inner = this.chosen();
    // Vertex' own event in Claude's streams (seen Nov 2025); it says nothing of the response.
    if (name.equals("vertex_event")) return;
    inner.event(name, data, out);
    this.copyNames(inner);
  }

  /** See Translator. */
  get awaitsEnd(): bool {
    return this.chosen().awaitsEnd;
  }

  end(out: Buffer): void {
    const inner = this.chosen();
    inner.end(out);
    this.copyNames(inner);
  }

  /** For Claude as well, what goes wrong before the model is reached is told in Google's form. */
  error(status: i32, body: View, out: Buffer): void {
    const inner = this.chosen();
    const doc = new JsonDocument();
    if (!this.isClaude || !writeGoogleError(doc, status, body, out)) inner.error(status, body, out);
  }

  private copyNames(inner: Translator): void {
    this.responseId = inner.responseId;
    this.responseModel = inner.responseModel;
  }
}
