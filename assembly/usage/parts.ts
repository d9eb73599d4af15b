// The usage of an exchange in parts of which none is in another: what prices are for.

import { Rate } from "../model/price";
import { Usage } from "./usage";

const parts: StaticArray<i64> = new StaticArray<i64>(Rate.Count);
let left: i64 = 0;

/**
 * How much of each kind was used, by Rate; the same array every time. A token is of one kind: read from a cache, else written to one,
 * else of a picture or of sound, else plain. Parts that are more than their whole are cut in this order.
 */
export function partsOf(usage: Usage): StaticArray<i64> {
  left = usage.inputOrZero;
  parts[Rate.CachedInput] = take(usage.cachedInput);
  const written = take(usage.cacheWrite);
  const hour = min(max<i64>(usage.cacheWriteHour, 0), written);
  parts[Rate.CacheWriteHour] = hour;
  parts[Rate.CacheWrite] = written - hour;
  parts[Rate.AudioInput] = take(usage.audioInput - max<i64>(usage.cachedAudio, 0));
  parts[Rate.ImageInput] = take(usage.imageInput);
  parts[Rate.Input] = left;
  left = usage.outputOrZero;
  parts[Rate.Reasoning] = take(usage.reasoning);
  parts[Rate.AudioOutput] = take(usage.audioOutput);
  parts[Rate.ImageOutput] = take(usage.imageOutput);
  parts[Rate.Output] = left;
  parts[Rate.Image] = usage.images;
  parts[Rate.Request] = 1;
  return parts;
}

/** As much of a part as is left of its whole; -1 is not known, and nothing. */
function take(part: i64): i64 {
  const taken = part < 0 ? 0 : min(part, left);
  left -= taken;
  return taken;
}
