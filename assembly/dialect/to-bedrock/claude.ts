// Messages client -> Claude on Bedrock in Anthropic's own form: InvokeModel, whose stream has Anthropic's events in AWS's frames,
// or the Messages endpoint of bedrock-runtime and bedrock-mantle, which is Anthropic's but for its address.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { readBase64 } from "../../crypto/base64";
import { HeaderList } from "../../http/header-list";
import * as names from "../../http/names";
import { CountService } from "../conversation/count-service";
import { innerMember } from "../conversation/inner";
import { writeBetas } from "../conversation/betas";
import { CloudRules } from "../pass-messages/body";
import { MessagesPass } from "../pass-messages/translator";
import { TranslateContext } from "../translator";
import { BETAS } from "./betas";
import { isException, writeBedrockError } from "./error";
import { invokeCount, writeCountPath } from "./count";
import { writeModelPath } from "./model";

const ANTHROPIC_VERSION: View = View.utf8("2023-06-01");

/**
 * https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages-request-response.html, Nov 2026:
 * the model stands in the path, and there is no `stream`.
 */
function invokeRules(): CloudRules {
  return new CloudRules("bedrock-2023-05-31", BETAS, ["stream", "service_tier", "betas", "diagnostics"], true, true);
}

/** https://docs.aws.amazon.com/bedrock/latest/userguide/inference-messages-api.html, Nov 2026. */
function messagesRules(): CloudRules {
  return new CloudRules("", BETAS, ["service_tier", "betas", "diagnostics"], true, false);
}

@final
export class BedrockClaude extends MessagesPass {
  /** `invokes`: InvokeModel, else the Messages endpoint. */
  constructor(
    context: TranslateContext,
    private invokes: bool,
  ) {
    super(context, invokes ? invokeRules() : messagesRules());
  }

  request(given: View, out: Buffer): bool {
    if (!this.context.counts || !this.invokes) return super.request(given, out);
    const body = new Buffer(given.length + 128);
    const doc = this.doc;
    if (!super.request(given, body) || !doc.parse(body.toView())) return false;
    out.byte(Ascii.LeftBrace);
    if (!doc.isSet(doc.root("max_tokens"))) {
      // InvokeModel's body has it, and it is more than the thinking may take.
      out.ascii('"max_tokens":');
      out.integer(doc.integer(doc.get(doc.root("thinking"), "budget_tokens"), 0) + 1);
      out.byte(Ascii.Comma);
    }
    out.range(body.toView(), 1, body.length);
    return true;
  }

  path(out: Buffer): void {
    const counts = this.context.counts;
    if (!this.invokes) out.ascii(counts ? "/anthropic/v1/messages/count_tokens" : "/anthropic/v1/messages");
    else if (counts) writeCountPath(this.context.model, out);
    else writeModelPath(this.context.model, this.context.stream ? "invoke-with-response-stream" : "invoke", out);
  }

  get counter(): CountService | null {
    return this.invokes ? invokeCount() : super.counter;
  }

  headers(out: HeaderList): void {
    if (this.invokes) return;
    out.add(names.ANTHROPIC_VERSION, ANTHROPIC_VERSION);
    const betas = new Buffer(64);
    writeBetas(this.context.betas, BETAS, false, betas);
    if (betas.length != 0) out.add(names.ANTHROPIC_BETA, betas.toView());
  }

  get streamsBinary(): bool {
    return this.invokes;
  }

  /** A frame's `bytes` are one of Anthropic's events in base64. */
  event(name: View, data: View, out: Buffer): void {
    if (!this.invokes) {
      super.event(name, data, out);
      return;
    }
    const doc = this.doc;
    if (isException(name)) {
      const error = new Buffer(data.length + 128);
      writeBedrockError(error, doc, 500, data, name);
      this.fail(error.toView(), out);
      return;
    }
    if (!doc.parse(data)) return;
    const event = new Buffer(data.length);
    if (!readBase64(innerMember(doc, 0, "bytes"), event)) return;
    super.event(View.empty(), event.toView(), out);
  }

  protected foreignError(status: i32, body: View, out: Buffer): void {
    writeBedrockError(out, this.doc, status, body, this.errorName);
  }
}
