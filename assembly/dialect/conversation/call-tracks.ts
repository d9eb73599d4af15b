// The tool calls of one choice in a stream. Increments bring id and name once and the arguments in pieces, told apart by
// `index`; cumulative events repeat them all.

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonCursor } from "../../json/cursor";
import { JsonDocument, NONE } from "../../json/document";
import { decodeInto, writeInner } from "../../json/text";
import { ChunkWriter } from "./chunk-writer";
import { innerMember, innerOf } from "./inner";
import { callId } from "./ids";
import { PieceTrack } from "./piece-track";

/** Calls that are told apart; what goes beyond is taken for the last one. OpenAI allows 128 tools. */
const MAX_CALLS: i32 = 128;

@final
class CallTrack {
  pieces: PieceTrack = new PieceTrack(false);
  /** Arguments that came before the name did. */
  waiting: Buffer = new Buffer(16);
  id: View = View.empty();
  isStarted: bool = false;

  constructor(public upstreamIndex: i64) {}
}

@final
export class CallTracks {
  private tracks: Array<CallTrack> = [];
  private fresh: Buffer = new Buffer(64);

  constructor(
    private choice: i32,
    private nonce: u64,
  ) {}

  get heldBytes(): i32 {
    let bytes = 0;
    for (let k = 0; k < this.tracks.length; k++) bytes += this.tracks[k].pieces.heldBytes + this.tracks[k].waiting.capacity;
    return bytes;
  }

  get count(): i32 {
    return this.tracks.length;
  }

  /** Writes the chunks for the `tool_calls` list of one event. */
  read(doc: JsonDocument, list: i32, chunks: ChunkWriter, out: Buffer): void {
    let count = 0;
    for (let call = doc.first(list); call != NONE; call = doc.next(call)) {
      const position = this.find(doc.integer(doc.get(call, "index"), count));
      const definition = doc.get(call, "function");
      const name = innerMember(doc, definition, "name");
      this.add(position, innerMember(doc, call, "id"), name, doc, doc.get(definition, "arguments"), chunks, out);
      count++;
    }
  }

  /** Position of the call with this index, made when it is new. Positions are the indexes that the client sees. */
  private find(upstreamIndex: i64): i32 {
    const tracks = this.tracks;
    for (let k = 0; k < tracks.length; k++) if (tracks[k].upstreamIndex == upstreamIndex) return k;
    return this.make(upstreamIndex);
  }

  /**
   * The same for an upstream that tells calls apart by their id (inner bytes): a piece without one belongs to the latest
   * call with its index, or to the latest call when it has no index either (-1).
   */
  findById(id: View, upstreamIndex: i64): i32 {
    const tracks = this.tracks;
    for (let k = tracks.length - 1; k >= 0; k--) {
      const track = tracks[k];
      if (id.length != 0 ? track.id.sameAs(id) : upstreamIndex < 0 || track.upstreamIndex == upstreamIndex) return k;
    }
    return this.make(upstreamIndex);
  }

  private make(upstreamIndex: i64): i32 {
    if (this.tracks.length < MAX_CALLS) this.tracks.push(new CallTrack(upstreamIndex));
    return this.tracks.length - 1;
  }

  /** Takes one piece of the call at `position`: id and name as inner bytes, `given` is the node of its arguments. */
  add(position: i32, id: View, name: View, doc: JsonDocument, given: i32, chunks: ChunkWriter, out: Buffer): void {
    const track = this.tracks[position];
    const fresh = this.fresh;
    fresh.clearTo(1024);
    if (doc.isString(given)) track.pieces.add(innerOf(doc, given), fresh);
    else if (doc.isObject(given)) {
      const text = new Buffer(128);
      writeInner(text, doc.raw(given));
      track.pieces.add(text.toView(), fresh);
    }
    if (track.isStarted) {
      if (fresh.length != 0) chunks.toolArguments(out, position, fresh.toView(), this.choice);
      return;
    }
    track.waiting.view(fresh.toView());
    if (id.length != 0) track.id = id.copy();
    if (name.length != 0) this.start(track, position, name, chunks, out);
  }

  private start(track: CallTrack, position: i32, name: View, chunks: ChunkWriter, out: Buffer): void {
    track.isStarted = true;
    chunks.toolStart(out, position, callId(track.id, this.nonce, position), name, track.waiting.toView(), this.choice);
    track.waiting.clearTo(16);
  }

  /** The choice is over: writes what was held back, in the reading that gives JSON. */
  close(chunks: ChunkWriter, out: Buffer): void {
    for (let k = 0; k < this.tracks.length; k++) {
      const track = this.tracks[k];
      const fresh = this.fresh;
      fresh.clearTo(1024);
      if (track.pieces.isHolding) track.pieces.settle(isCumulative(track.pieces), fresh);
      if (track.isStarted) {
        if (fresh.length != 0) chunks.toolArguments(out, k, fresh.toView(), this.choice);
        continue;
      }
      track.waiting.view(fresh.toView());
      this.start(track, k, View.empty(), chunks, out);
    }
  }
}

/**
 * Both readings of held arguments cannot be JSON objects: one is the other behind a part of itself, which leaves a brace
 * or a quote open. When neither is (the response was cut by its length), they are a text that repeats its own beginning.
 */
function isCumulative(pieces: PieceTrack): bool {
  const text = new Buffer(256);
  pieces.writeIncremental(text);
  return !isJson(text.toView());
}

/** True when the escaped inner bytes decode to one JSON value. */
function isJson(inner: View): bool {
  const text = new Buffer(inner.length);
  decodeInto(text, inner, 0, inner.length);
  const cursor = new JsonCursor().reset(text.toView());
  return cursor.skipValue() && cursor.atEnd();
}
