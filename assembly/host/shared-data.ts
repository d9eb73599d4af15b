// Data that all VMs of one vm_id share in a process, stored with compare and swap. The host never removes a key, so
// callers must bound how many they make. It survives new configurations and reloads of a VM, not the process.

import { View } from "../bytes/view";
import { Status, env } from "./abi";
import { outCas, outData, outSize, outView } from "./memory";

/**
 * In place of a CAS number for a key that was not there. Proxy-Wasm's host compares the number only when the key exists and
 * the number is not 0, so one that it never gives out creates a key but replaces none: of two VMs that create it at once
 * one fails. (0 would store whatever is there.)
 */
export const NEW_KEY: u32 = 0xffffffff;

/** A window on what was read last. */
const shown: View = new View(0, 0);

/** The value of `key`, or null when there is none. Valid until the callback ends or the next one is read. */
export function getShared(key: View): View | null {
  return env.getSharedData(key.ptr, key.length, outData(), outSize(), outCas()) == Status.Ok ? outView(shown) : null;
}

/** The CAS number of the value that getShared() has just returned, for setShared(); it changes with every store. */
export function sharedCas(): u32 {
  return load<u32>(outCas());
}

/** Stores `value` when nobody has since `cas` was read: else CasMismatch, and nothing is stored. */
export function setShared(key: View, value: View, cas: u32): Status {
  return env.setSharedData(key.ptr, key.length, value.ptr, value.length, cas);
}
