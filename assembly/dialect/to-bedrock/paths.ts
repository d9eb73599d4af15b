// Where Bedrock is called (https://docs.aws.amazon.com/general/latest/gr/bedrock.html, Nov 2026).

import { Buffer } from "../../bytes/buffer";
import { ProviderField } from "../../config/schema.gen";
import { TranslateOptions } from "../options";

/** The host of the region. */
export function writeBedrockHost(options: TranslateOptions, out: Buffer): void {
  out.wrap("bedrock-runtime.", options.settings.text(ProviderField.AWS_REGION), ".amazonaws.com");
}
