// A provider of which nothing but its text is known yet.

import { View } from "../bytes/view";
import { JsonDocument } from "../json/document";
import { checkProvider } from "./check-provider";
import { Place } from "./place";
import { Report } from "./problems";
import { ProviderConfig } from "./provider-config";
import { readProvider } from "./read-provider";
import { ObjectReader } from "./reader";
import { ProviderField } from "./schema.gen";

/** A provider object that has been checked. The provider itself is made of it with the first request that needs it. */
@final
export class ProviderSource {
  /** Its number among the upstreams that the plugin made, -1 before. */
  upstream: i32 = -1;
  /** JSON pointer to a catalogue entry that is wrong, "" when it is valid: a rule that names it must not use it. */
  wrongAt: string = "";

  constructor(
    public id: View,
    /** The one that leads to it, empty when it names none. */
    public cluster: View,
    /** The object's JSON. */
    private text: View,
  ) {}

  /** Makes the provider. Complete, but not to be used when the check found a problem. */
  read(): ProviderConfig {
    const doc = new JsonDocument();
    return doc.parse(this.text) ? readProvider(new ObjectReader(doc, new Report()), 0) : new ProviderConfig();
  }
}

/** Checks the provider object at `node` and reports what is wrong with it. */
export function readSource(reader: ObjectReader, node: i32, place: Place): ProviderSource {
  if (!checkProvider(reader, node, place)) return new ProviderSource(View.empty(), View.empty(), View.utf8("{}"));
  return new ProviderSource(reader.text(ProviderField.ID), reader.text(ProviderField.CLUSTER), reader.doc.raw(node));
}
