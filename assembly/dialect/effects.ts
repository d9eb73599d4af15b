// What a translation brings about beside the bytes that it writes: text that may have to be estimated, and errors that a stream
// tells. A stream's status has gone out as 200 by then, so the log and the token's health learn of an error from here alone.

import { View } from "../bytes/view";
import { TextTally } from "../usage/estimate";
import { NO_BLAME, faultStatus } from "../usage/fault";

/** One for an exchange: all translators of a chain report into the same. */
@final
export class Effects {
  /** The response's text as it passes, for estimates of tokens that nobody has counted. */
  readonly text: TextTally = new TextTally();
  /** Error events that went to the client. */
  errorEvents: i32 = 0;
  /** The status that the last of them stands for (usage/fault.ts); NO_BLAME when it does not say. */
  fault: i32 = 0;

  /** Counts an error event that is written. `type`: OpenAI's or Anthropic's word for the error. */
  countError(type: string): void {
    this.errorEvents++;
    this.fault = faultStatus(View.utf8(type));
    if (this.fault == 0) this.fault = NO_BLAME;
  }

  /** Counts an error that passes as it came. `code` and `type`: the words of its members, either may be empty. */
  countForeignError(code: View, type: View): void {
    this.errorEvents++;
    this.fault = faultStatus(code);
    if (this.fault == 0) this.fault = faultStatus(type);
    if (this.fault == 0) this.fault = NO_BLAME;
  }
}
