// Which part of an agent's thoughts is news. Dify tells a step's thought again with each stage of it (before, with the tool,
// with the tool's result), and in agents of the older kind it is the very text that agent_message has streamed
// (api/core/agent/fc_agent_runner.py, Nov 2026). Only the rest is reasoning that the client has not seen.

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";

/** Bytes of a step's text that are compared; more agreement than that is no chance. */
const MAX_COMPARED: i32 = 64 << 10;

@final
export class ThoughtTrack {
  /** The text since the last thought. */
  private step: Buffer = Buffer.capped(256, MAX_COMPARED);
  /** The last thought and its id. */
  private told: Buffer = new Buffer(256);
  private id: View = View.empty();
  private hasTold: bool = false;
  /** The last news begin another thought than the news before them. */
  isNext: bool = false;

  /** Notes text that was streamed, escaped inner bytes. */
  said(inner: View): void {
    const left = MAX_COMPARED - this.step.length;
    this.step.range(inner, 0, inner.length < left ? inner.length : left);
  }

  /** What of `thought` (escaped inner bytes) is new; `id` is the step's. A view on `thought`. */
  news(id: View, thought: View): View {
    if (thought.length == 0) return thought;
    const told = this.told.toView();
    let start = id.sameAs(this.id) && thought.hasAt(0, told) ? told.length : 0;
    const step = this.step.toView();
    if (step.length != 0 && (thought.hasAt(0, step) || step.hasAt(0, thought))) {
      start = thought.length;
      this.step.clear();
    }
    this.id = id.copy();
    this.told.clearTo(MAX_COMPARED);
    this.told.view(thought);
    this.isNext = this.hasTold && start == 0;
    if (start < thought.length) this.hasTold = true;
    return thought.slice(start, thought.length);
  }
}
