// What translators are told of their provider: made once with it, and not changed afterwards.

import { View } from "../bytes/view";
import { Settings } from "../config/settings";
import { ReasoningMode } from "../model/reasoning-mode";

const NOTHING: View = View.empty();
const NO_SETTINGS: Settings = new Settings();

/** What a provider's own chat responses lack for OpenAI's clients: bits of ProviderRow.responses. */
export namespace ResponseEdit {
  /** Lists in `content` become its text, their thinking parts `reasoning_content`. Whole responses are held for it. */
  export const CONTENT_LISTS: i32 = 1;
  /** Tool calls without `type`, and in streams without `index`, get them. */
  export const CALL_DEFAULTS: i32 = 2;
  /** The first chunk of a stream's choice names the role. */
  export const ROLE: i32 = 4;
  /** `usage` moves out of a choice. */
  export const CHOICE_USAGE: i32 = 8;
  /** What may be missing in the streams of a server that is not known. */
  export const STREAMS: i32 = CALL_DEFAULTS | ROLE | CHOICE_USAGE;
}

@final
export class TranslateOptions {
  reasoningMode: ReasoningMode = ReasoningMode.Passthrough;
  /** Bits of ResponseEdit. */
  responseEdits: i32 = 0;
  /** Where the provider is called; empty when the request decides. */
  host: View = NOTHING;
  /** The provider is called with API keys. */
  hasTokens: bool = false;
  /** What is configured for the provider's type alone: a dialect reads its own by name. */
  settings: Settings = NO_SETTINGS;
}
