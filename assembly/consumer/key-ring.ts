// The API keys of all consumers, as SHA-256 digests, and where in a request a key may stand. Filled once from the
// configuration; it holds no key, so nothing can print one.

import { Buffer } from "../bytes/buffer";
import { hexValue } from "../bytes/hex";
import { TextIndex } from "../bytes/text-index";
import { View } from "../bytes/view";
import { sha256 } from "../crypto/sha256";
import { Consumer, NOBODY } from "./consumer";

const CHAINS: i32 = 1024;
/** Places where keys may stand, over all consumers: one bit of a mask each. */
export const MAX_SOURCES: i32 = 64;

@final
class KeySource {
  constructor(
    /** ASCII, a header's in lower case. */
    public name: string,
    public isQuery: bool,
  ) {}
}

@final
export class KeyRing {
  sources: Array<KeySource> = [];
  /** Places for consumers that name none of their own. */
  defaultMask: u64 = 0;
  /** Four words a key. */
  private digests: Array<u64> = [];
  /** The owner and its places, by key. */
  private owners: Array<Consumer> = [];
  private masks: Array<u64> = [];
  private names: TextIndex = new TextIndex();
  /** Chains of keys whose digests end alike: number of the newest key of each, counted from 1, and for each key the one before. */
  private newest: StaticArray<i32> = new StaticArray<i32>(CHAINS);
  private before: Array<i32> = [];

  /** A consumer may not use every model. */
  get limitsModels(): bool {
    for (let k = 0; k < this.owners.length; k++) if (this.owners[k].isLimited) return true;
    return false;
  }

  /** Bit of the place, which is noted when it is new; 0 when there are too many. */
  place(name: string, isQuery: bool): u64 {
    const sources = this.sources;
    for (let k = 0; k < sources.length; k++) {
      if (sources[k].isQuery == isQuery && sources[k].name == name) return (<u64>1) << k;
    }
    if (sources.length >= MAX_SOURCES) return 0;
    return (<u64>1) << (sources.push(new KeySource(name, isQuery)) - 1);
  }

  /** Adds a key of `owner` that may stand at the places of `mask`. False when the key is there already: it stays as it is. */
  add(digest: Digest, owner: Consumer, mask: u64): bool {
    if (this.find(digest) >= 0) return false;
    const chain = digest.chain;
    this.before.push(this.newest[chain]);
    this.newest[chain] = this.before.length;
    for (let k = 0; k < 4; k++) this.digests.push(digest.word(k));
    this.owners.push(owner);
    this.names.add(owner.name);
    this.masks.push(mask);
    return true;
  }

  /**
   * Index of the key with this digest, or -1. All keys of its chain are compared, each whole, so that the time depends on the
   * digest of what was sent alone: it tells how many keys end in the same ten bits, and nothing of a key.
   */
  find(digest: Digest): i32 {
    let found = -1;
    for (let key = this.newest[digest.chain] - 1; key >= 0; key = this.before[key] - 1) {
      let differs: u64 = 0;
      for (let k = 0; k < 4; k++) differs |= this.digests[key * 4 + k] ^ digest.word(k);
      found = select<i32>(found, key, differs != 0);
    }
    return found;
  }

  /** True when a consumer of this name has a key. */
  knows(name: View): bool {
    return this.names.find(name) >= 0;
  }

  /** Whose key it is. */
  owner(key: i32): Consumer {
    return <u32>key < <u32>this.owners.length ? this.owners[key] : NOBODY;
  }

  /** True when the key may stand at `place`, an index into `sources`. */
  mayStand(key: i32, place: i32): bool {
    return <u32>key < <u32>this.masks.length && (this.masks[key] & ((<u64>1) << place)) != 0;
  }
}

/** A SHA-256 as four words. */
@final
export class Digest {
  private a: u64 = 0;
  private b: u64 = 0;
  private c: u64 = 0;
  private d: u64 = 0;

  /** Of a key as it is. */
  static of(key: View): Digest {
    const out = new Buffer(32);
    sha256(key, out);
    const bytes = out.toView();
    const digest = new Digest();
    for (let k = 0; k < 32; k++) digest.push(<u64>bytes.at(k), 8);
    return digest;
  }

  /** Of the 64 hexadecimal digits of `hex` from `start` on. */
  static read(hex: View, start: i32): Digest {
    const digest = new Digest();
    for (let k = 0; k < 64; k++) digest.push(<u64>hexValue(hex.at(start + k)), 4);
    return digest;
  }

  private push(value: u64, bits: u64): void {
    this.a = (this.a << bits) | (this.b >> (64 - bits));
    this.b = (this.b << bits) | (this.c >> (64 - bits));
    this.c = (this.c << bits) | (this.d >> (64 - bits));
    this.d = (this.d << bits) | value;
  }

  get chain(): i32 {
    return (<i32>this.d) & (CHAINS - 1);
  }

  word(index: i32): u64 {
    return index == 0 ? this.a : index == 1 ? this.b : index == 2 ? this.c : this.d;
  }
}
