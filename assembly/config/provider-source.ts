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
  private known: KnownModels | null = null;
  /** JSON pointer to a catalogue entry that is wrong, "" when it is valid: a rule that names it must not use it. */
  wrongAt: string = "";

  constructor(
    public id: View,
    /** The one that leads to it, empty when it names none. */
    public cluster: View,
    /** The object's JSON. */
    private text: View,
  ) {}

  /** The names that its mapping and its prices hold; found once, without making the provider. */
  get models(): KnownModels {
    const known = this.known;
    if (known !== null) return known;
    const provider = this.read();
    const found = new KnownModels(provider.type);
    provider.modelMapping.listNames(found.names);
    provider.prices.listNames(found.names);
    this.known = found;
    return found;
  }

  /** Makes the provider. Complete, but not to be used when the check found a problem. */
  read(): ProviderConfig {
    const doc = new JsonDocument();
    return doc.parse(this.text) ? readProvider(new ObjectReader(doc, new Report()), 0) : new ProviderConfig();
  }
}

/** What a provider's entry tells of models. */
@final
class KnownModels {
  names: Array<View> = [];

  constructor(
    /** The provider's type. */
    public owner: string,
  ) {}
}

/** Checks the provider object at `node` and reports what is wrong with it. */
export function readSource(reader: ObjectReader, node: i32, place: Place): ProviderSource {
  if (!checkProvider(reader, node, place)) return new ProviderSource(View.empty(), View.empty(), View.utf8("{}"));
  return new ProviderSource(reader.text(ProviderField.ID), reader.text(ProviderField.CLUSTER), reader.doc.raw(node));
}
