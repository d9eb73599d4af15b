// Which of a provider's tokens a request uses.

import { View } from "../bytes/view";
import { ProviderConfig } from "../config/config";
import * as host from "../host/host";
import { Api, isStateful } from "../model/api";

let state: u64 = 0;

/** A number that no two exchanges of this VM share, and that tells nothing of the clock: splitmix64. */
export function nextRandom(): u64 {
  if (state == 0) state = host.now() ^ 0x9e3779b97f4a7c15;
  state += 0x9e3779b97f4a7c15;
  let mixed = state;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
  return mixed ^ (mixed >> 31);
}

/**
 * Index into apiTokens, -1 when there are none. A consumer keeps one token for the stateful APIs (responses, files,
 * batches, fine-tuning): rendezvous hashing, so that a change of the list moves as few consumers as can be.
 */
export function chooseToken(config: ProviderConfig, api: Api, consumer: View): i32 {
  const tokens = config.apiTokens;
  if (tokens.length <= 1) return tokens.length - 1;
  if (consumer.length == 0 || !isStateful(api)) return <i32>(nextRandom() % <u64>tokens.length);
  let best = 0;
  let bestWeight: u32 = 0;
  const name = consumer.hash();
  for (let k = 0; k < tokens.length; k++) {
    let weight = (name ^ tokens[k].hash()) * 0x85ebca6b;
    weight = (weight ^ (weight >> 13)) * 0xc2b2ae35;
    if (k > 0 && weight <= bestWeight) continue;
    best = k;
    bestWeight = weight;
  }
  return best;
}
