// Google Cloud's project of a provider, which tells Vertex AI from Gemini's own API and from Vertex AI's express mode.

import { View } from "../../bytes/view";
import { ProviderField } from "../../config/schema.gen";
import { TranslateOptions } from "../options";

/** The project that models are called in; empty for Gemini's API, and in express mode: an API key knows its project. */
export function projectOf(options: TranslateOptions): View {
  return options.hasTokens ? View.empty() : options.settings.text(ProviderField.VERTEX_PROJECT_ID);
}
