// Blocks of thinking that a Messages client sends back: Anthropic's own stay as they are, another dialect's seal is taken out of its
// envelope and goes to the place where that dialect's translator looks for it. What was altered is left out, and so is thinking
// that such a seal belonged to.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument } from "../../json/document";
import { writeString } from "../../json/text";
import { innerMember, innerOf } from "../conversation/inner";
import { Seal, SealKind, idLength } from "../conversation/seal";
import { TurnWriter } from "../conversation/turn-writer";

@final
export class SealReader {
  /** Google's seal of the block that comes next, raw JSON of `extra_content.google`; empty without one. */
  private pending: View = View.empty();

  constructor(
    private doc: JsonDocument,
    private turn: TurnWriter,
  ) {}

  /** The seal that the next block gets; it is given once. */
  takeNext(): View {
    const seal = this.pending;
    this.pending = View.empty();
    return seal;
  }

  /** Writes a block of thinking; false when the block is none. */
  read(block: i32): bool {
    const doc = this.doc;
    const type = doc.get(block, "type");
    const isRedacted = doc.textIs(type, "redacted_thinking");
    if (!isRedacted && !doc.textIs(type, "thinking")) return false;
    const text = innerMember(doc, block, "thinking");
    const holder = doc.get(block, isRedacted ? "data" : "signature");
    const given = doc.text(holder);
    if (Seal.isEnvelope(given)) this.unwrap(Seal.open(given), text);
    else if (isRedacted) this.turn.redacted(innerOf(doc, holder));
    else this.turn.thinking(text, innerOf(doc, holder));
    return true;
  }

  private unwrap(seal: Seal, text: View): void {
    const turn = this.turn;
    switch (seal.kind) {
      case SealKind.Google:
        if (text.length != 0) turn.thinking(text, View.empty(), View.utf8("{}"));
        this.pending = googleSeal(seal.payload);
        break;
      case SealKind.GoogleThought:
        turn.thinking(text, View.empty(), googleSeal(seal.payload));
        break;
      case SealKind.GoogleText:
        turn.text(View.empty(), googleSeal(seal.payload));
        break;
      case SealKind.OpenRouter:
        turn.sealed("reasoning_details", withText(seal.payload, text));
        break;
      case SealKind.Responses:
        turn.sealed("reasoning_items", seal.payload);
        break;
      default:
        break;
    }
  }
}

/** Google's seal in the id of a call or the `signature` of a text, as extra_content.google; empty without one. */
export function googleSealOf(doc: JsonDocument, block: i32): View {
  const id = doc.textOf(block, "id");
  const given = id.length != 0 ? id.slice(idLength(id) + 1, id.length) : doc.textOf(block, "signature");
  if (!Seal.isEnvelope(given)) return View.empty();
  const seal = Seal.open(given);
  return seal.kind == SealKind.Google ? googleSeal(seal.payload) : View.empty();
}

function googleSeal(payload: View): View {
  const raw = new Buffer(payload.length + 32);
  raw.ascii('{"thought_signature":');
  writeString(raw, payload);
  raw.byte(Ascii.RightBrace);
  return raw.toView();
}

/** OpenRouter's item with the text that stood beside the envelope. */
export function withText(item: View, text: View): View {
  if (text.length == 0) return item;
  const doc = new JsonDocument();
  const isSummary = doc.parse(item) && doc.memberIs(0, "type", "reasoning.summary");
  const raw = new Buffer(item.length + text.length + 16);
  raw.range(item, 0, item.length - 1);
  raw.ascii(isSummary ? ',"summary":"' : ',"text":"');
  raw.view(text);
  raw.ascii('"}');
  return raw.toView();
}
