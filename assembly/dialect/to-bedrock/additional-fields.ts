// `additionalModelRequestFields`: what a model takes beside Converse's own settings. Three sources, each key once: the
// provider's configuration, then the client's object of that name, then what this translator derives.

import { Ascii } from "../../bytes/ascii";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { Draft } from "../conversation/draft";

@final
export class AdditionalFields {
  private configured: JsonDocument = new JsonDocument();
  private own: i32;
  private isOpen: bool = false;

  /** `raw` is the configured JSON object, or empty. */
  constructor(
    private draft: Draft,
    raw: View,
  ) {
    // The configuration was checked; a text that is no object merely adds nothing.
    this.configured.parse(raw);
    const doc = draft.doc;
    const camel = doc.root("additionalModelRequestFields");
    this.own = doc.isObject(camel) ? camel : doc.root("additional_model_request_fields");
  }

  /** The node of `name` (ASCII) where it is given, as raw JSON; empty when configuration and client leave it open. */
  given(name: string): View {
    const configured = this.configured.root(name);
    if (configured != NONE) return this.configured.raw(configured);
    return this.draft.doc.raw(this.draft.doc.get(this.own, name));
  }

  /** True when thinking is switched on by a given `thinking` object. */
  get givesThinking(): bool {
    const raw = this.given("thinking");
    if (raw.length == 0) return false;
    const doc = new JsonDocument();
    return doc.parse(raw) && doc.isObject(0) && !doc.memberIs(0, "type", "disabled");
  }

  /** Writes what is given: the configuration's members, then the client's. */
  writeGiven(): void {
    const configured = this.configured;
    for (let node = configured.first(0); configured.isObject(0) && node != NONE; node = configured.next(node)) {
      this.entry(configured.rawKey(node), configured.raw(node));
    }
    const doc = this.draft.doc;
    if (!doc.isObject(this.own)) return;
    for (let node = doc.first(this.own); node != NONE; node = doc.next(node)) {
      if (!this.isConfigured(doc.key(node))) this.entry(doc.rawKey(node), doc.raw(node));
    }
  }

  private isConfigured(key: View): bool {
    const configured = this.configured;
    if (!configured.isObject(0)) return false;
    for (let node = configured.first(0); node != NONE; node = configured.next(node)) {
      if (configured.key(node).sameAs(key)) return true;
    }
    return false;
  }

  private entry(rawKey: View, raw: View): void {
    const out = this.draft.out;
    this.begin();
    out.byte(Ascii.Quote);
    out.view(rawKey);
    out.put('":', raw);
  }

  private begin(): void {
    if (!this.isOpen) {
      this.draft.key("additionalModelRequestFields");
      this.draft.out.byte(Ascii.LeftBrace);
      this.isOpen = true;
    } else this.draft.out.byte(Ascii.Comma);
  }

  /** Begins the derived member `name`, whose value the caller writes; false (and nothing written) when it is given. */
  derive(name: string): bool {
    if (this.given(name).length != 0) return false;
    this.begin();
    this.draft.out.byte(Ascii.Quote);
    this.draft.out.ascii(name);
    this.draft.out.ascii('":');
    return true;
  }

  close(): void {
    if (this.isOpen) this.draft.out.byte(Ascii.RightBrace);
  }
}
