// Amazon Bedrock's CountTokens.

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { CountBody, CountService } from "../conversation/count-service";
import { writeModelPath } from "./model";

const PUBLISHER: string = "anthropic.";

/**
 * Of a Converse request
 * (https://docs.rs/aws-sdk-bedrockruntime/latest/aws_sdk_bedrockruntime/types/struct.ConverseTokensRequest.html, Nov 2026).
 */
export function converseCount(): CountService {
  const members = "messages system toolConfig additionalModelRequestFields";
  return new CountService("inputTokens", members, '{"input":{"converse":{', "}}}");
}

/** Of InvokeModel's body (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_CountTokens.html, Nov 2026). */
export function invokeCount(): CountService {
  return new CountService("inputTokens", "", '{"input":{"invokeModel":{"body":"', '"}}}', CountBody.Base64);
}

/**
 * Writes the path. It takes the model itself and no inference profile, which is a region and the model's id, so that what stands before
 * the publisher is left out (https://docs.aws.amazon.com/bedrock/latest/userguide/count-tokens.html, Nov 2026).
 */
export function writeCountPath(model: View, out: Buffer): void {
  let start = model.length - PUBLISHER.length;
  while (start > 0 && !model.startsWithAt(start, PUBLISHER)) start--;
  writeModelPath(model.slice(max(start, 0), model.length), "count-tokens", out);
}
