// Finds the first of many rules whose conditions all hold, by looking at few of them. Each rule lies under one of its conditions: the one
// under which the fewest others lie. A request looks under what it has of each kind, and asks the rules that it finds.

import { Ascii } from "../bytes/ascii";
import { Buffer } from "../bytes/buffer";
import { TextLists } from "../bytes/text-index";
import { View } from "../bytes/view";
import { ModelPatterns } from "../model/patterns";
import { Asked, RuleConfig } from "./rules";

/** In place of a rule's number: greater than all. */
export const NOWHERE: i32 = i32.MAX_VALUE;

/** The first byte of a key: kinds of conditions, and of patterns of hosts. Suffixes lie there backwards, which makes them prefixes. */
const ROUTE: i32 = 0;
const HOST: i32 = 1;
const SERVICE: i32 = 2;
const ROUTE_PREFIX: i32 = 3;
const KINDS: i32 = 4;
const HOST_PREFIX: i32 = 4;
const HOST_SUFFIX: i32 = 5;

/** Where keys are written. */
const key: Buffer = new Buffer(128);

@final
export class RuleIndex {
  private rules: TextLists = new TextLists();
  /** Those without a condition that a key can be made of. */
  private others: Array<i32> = [];
  /** Looked for last, of one request. */
  private best: i32 = NOWHERE;

  constructor(private list: Array<RuleConfig>) {}

  /** Adds the rule with the number; they come in order. */
  add(number: i32): void {
    const rule = this.list[number];
    let chosen = -1;
    let least = i32.MAX_VALUE;
    for (let kind = 0; kind < KINDS; kind++) {
      const texts = textsOf(rule, kind);
      let most = 0;
      for (let k = 0; k < texts.length; k++) most = max(most, this.rules.at(this.rules.index.find(keyOf(kind, texts[k]))).length);
      if (texts.length == 0 || most >= least) continue;
      least = most;
      chosen = kind;
    }
    if (chosen < 0) {
      this.others.push(number);
      return;
    }
    const texts = textsOf(rule, chosen);
    for (let k = 0; k < texts.length; k++) this.rules.add(keyOf(chosen, texts[k]).copy(), number);
  }

  /**
   * The number of the first rule that the request meets, or NOWHERE. `models`: only those that it has found; null for all. O(bytes of
   * the request's names), and the rules that lie under them.
   */
  first(asked: Asked, models: ModelPatterns | null): i32 {
    this.best = NOWHERE;
    this.look(this.others, asked, models);
    if (this.rules.index.texts.length == 0) return this.best;
    this.lookAt(ROUTE, asked.route, asked, models);
    this.lookAt(HOST, asked.host, asked, models);
    this.lookAt(SERVICE, asked.cluster, asked, models);
    this.lookAt(SERVICE, asked.service, asked, models);
    this.lookAt(SERVICE, asked.serviceAndPort, asked, models);
    this.lookBelow(ROUTE_PREFIX, asked.route, asked, models);
    this.lookBelow(HOST_PREFIX, asked.host, asked, models);
    this.lookBelow(HOST_SUFFIX, asked.host, asked, models);
    return this.best;
  }

  private lookAt(kind: i32, text: View, asked: Asked, models: ModelPatterns | null): void {
    this.look(this.rules.at(this.rules.index.find(written(kind, text))), asked, models);
  }

  /** Under all that the text begins with. */
  private lookBelow(kind: i32, text: View, asked: Asked, models: ModelPatterns | null): void {
    const index = this.rules.index;
    const whole = written(kind, text);
    for (let k = index.findPrefix(whole); k >= 0; k = index.findPrefix(whole, index.texts[k].length - 1)) {
      this.look(this.rules.at(k), asked, models);
    }
  }

  private look(numbers: Array<i32>, asked: Asked, models: ModelPatterns | null): void {
    for (let k = 0; k < numbers.length && numbers[k] < this.best; k++) {
      const number = numbers[k];
      if ((models === null || models.has(number)) && asked.meets(this.list[number])) this.best = number;
    }
  }
}

/** The texts of one of a rule's conditions. */
function textsOf(rule: RuleConfig, kind: i32): Array<View> {
  return kind == ROUTE ? rule.routes : kind == HOST ? rule.domains : kind == SERVICE ? rule.services : rule.routePrefixes;
}

/** The key of one of those texts. Valid until the next one. */
function keyOf(kind: i32, text: View): View {
  if (kind != HOST) return written(kind, text);
  if (text.at(0) == Ascii.Asterisk) return written(HOST_SUFFIX, text.slice(1, text.length));
  const last = text.length - 1;
  return text.at(last) == Ascii.Asterisk ? written(HOST_PREFIX, text.slice(0, last)) : written(HOST, text);
}

function written(kind: i32, text: View): View {
  key.clear();
  key.byte(kind);
  if (kind != HOST_SUFFIX) key.view(text);
  else for (let k = text.length - 1; k >= 0; k--) key.byte(text.at(k));
  return key.window();
}
