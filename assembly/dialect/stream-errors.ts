// Error events that translators have written. A stream's status has gone out as 200 by then, so this is the only way for the
// log and the token's health to tell; the pipeline looks before and after a translation, which nothing else can interrupt.

import { View } from "../bytes/view";
import { NO_BLAME, faultStatus } from "../usage/fault";

let count: i32 = 0;
let fault: i32 = 0;

/** To be called for every error event that goes to a client. `type`: OpenAI's or Anthropic's word for the error. */
export function noteErrorEvent(type: string): void {
  count++;
  fault = faultStatus(View.utf8(type));
  if (fault == 0) fault = NO_BLAME;
}

/** The same for an error that passes as it came. `code` and `type`: the words of its members. */
export function noteForeignError(code: View, type: View): void {
  count++;
  fault = faultStatus(code);
  if (fault == 0) fault = faultStatus(type);
  if (fault == 0) fault = NO_BLAME;
}

export function errorEvents(): i32 {
  return count;
}

/** What the last of them stands for (usage/fault.ts); NO_BLAME when it does not say. */
export function lastFault(): i32 {
  return fault;
}
