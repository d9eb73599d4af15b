// Which parameters a Claude model takes, read from the version in its name. Unknown names get the long-standing forms.

import { Ascii } from "../../bytes/ascii";
import { View } from "../../bytes/view";

/**
 * The version that a model name states. Names seen: claude-3-5-sonnet-20241022, claude-opus-4-20250514, claude-opus-4-7,
 * anthropic.claude-haiku-4-5-20251001-v1:0, claude-opus-4-5@20251101, anthropic/claude-opus-4.7 (Nov 2026).
 */
@final
export class Generation {
  /** major * 100 + minor; 0 when the name states none. */
  version: i32 = 0;
  private mythos: bool = false;
  private opus: bool = false;

  constructor(model: View) {
    this.read(model);
  }

  private read(model: View): void {
    const start = indexOfClaude(model);
    if (start < 0) return;
    let major = -1;
    let here = start;
    while (here < model.length) {
      const end = tokenEnd(model, here);
      const token = model.slice(here, end);
      if (token.equalsIgnoreCase("mythos")) this.mythos = true;
      else if (token.equalsIgnoreCase("opus")) this.opus = true;
      // A date has eight digits; `v1` is a revision.
      const number = token.length <= 2 ? <i32>token.toInteger() : -1;
      if (major >= 0) {
        if (number >= 0) this.version += number;
        return;
      }
      if (number >= 0) {
        major = number;
        this.version = major * 100;
      }
      here = end + 1;
    }
  }

  /**
   * From 4.6 on (and for Mythos without a number) `thinking.type: adaptive` with `output_config.effort` is the form to use;
   * there a budget is deprecated (https://platform.claude.com/docs/en/about-claude/models/whats-new-claude-4-6, Nov 2026).
   */
  get wantsAdaptiveThinking(): bool {
    return this.version >= 406 || this.refusesSampling;
  }

  /**
   * Opus 4.7 and everything after it answer 400 to `thinking.type: enabled`, and to temperature, top_p and top_k, thinking
   * or not (https://platform.claude.com/docs/en/about-claude/models/migration-guide, Nov 2026).
   */
  get refusesSampling(): bool {
    return this.version >= 407 || (this.version == 0 && this.mythos);
  }

  /**
   * `output_config.effort`: Opus 4.5 (beside a budget) and what thinks adaptively
   * (https://platform.claude.com/docs/en/build-with-claude/effort, Nov 2026).
   */
  get takesEffort(): bool {
    return this.wantsAdaptiveThinking || (this.version == 405 && this.opus);
  }

  /**
   * From Opus 4.1 on temperature and top_p together are a 400
   * (https://platform.claude.com/docs/en/about-claude/models/migration-guide, Nov 2026).
   */
  get takesOneSampler(): bool {
    return this.version >= 401;
  }
}

function indexOfClaude(model: View): i32 {
  for (let here = 0; here + 6 <= model.length; here++) {
    if (model.slice(here, here + 6).equalsIgnoreCase("claude")) return here;
  }
  return -1;
}

function tokenEnd(model: View, start: i32): i32 {
  let here = start;
  while (here < model.length) {
    const byte = model.at(here);
    const letter = byte | 0x20;
    if (!((letter >= Ascii.LowerA && letter <= Ascii.LowerZ) || (byte >= Ascii.Digit0 && byte <= Ascii.Digit9))) return here;
    here++;
  }
  return here;
}
