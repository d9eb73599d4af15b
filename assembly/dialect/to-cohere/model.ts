// Which Cohere models think. The others take a plan beside tool calls, and know no `thinking` setting.

import { View } from "../../bytes/view";

/** Names of Cohere's models without reasoning begin so (https://docs.cohere.com/docs/models, Nov 2026). */
const PLAIN: StaticArray<string> = ["command-r-", "command-r7b", "command-a-03", "command-a-vision", "command-a-translate", "c4ai-"];

/** True for models that are known not to think; unknown and newer names are taken to do so. */
export function neverThinks(model: View): bool {
  if (model.equals("command-r")) return true;
  for (let k = 0; k < PLAIN.length; k++) if (model.startsWith(PLAIN[k])) return true;
  return false;
}
