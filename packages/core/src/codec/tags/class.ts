import { HandoffError, NotUnderstoodError } from "../../errors/index.js";
import { quote } from "../path.js";
import { json, stringOf, type Tag, value } from "../tag.js";

/** One class that the codec may rebuild: a row of the closed table. */
export interface ClassCodec<T = unknown> {
  /** Unique and stable, since it is written to storage: `langchain.AIMessage`. */
  readonly name: string;
  /** Whether a value is exactly of this class, never of a subclass that could not be rebuilt. Must be cheap. */
  is(value: object): value is T & object;
  /**
   * The parts that rebuild the value. They are encoded in turn, so they may hold anything the codec knows,
   * other registered classes and shared references too, but nothing that leads back to the value itself: when they
   * are decoded all of them are complete, to any depth.
   */
  encode(value: T): unknown;
  /** Puts the decoded parts together again. What they are must be checked: throw when they do not fit. */
  decode(parts: unknown): T;
}

/** Instances of registered classes: found by name in the table, never by anything else that data says. */
export function classTag(classes: ReadonlyMap<string, ClassCodec>): Tag {
  return {
    name: "class",
    members: { name: json, value },
    take(instance, encoding) {
      const known = codecOf(classes, instance as object);
      if (known === undefined) return encoding.refuse("an instance of an unregistered class");
      encoding.useClass(known.name);
      try {
        return { name: known.name, value: known.encode(instance) };
      } catch (error) {
        if (HandoffError.isInstance(error)) throw error;
        const reason = error instanceof Error ? error.message : String(error);
        return encoding.refuse(`an instance of ${known.name}`, `its codec says: ${reason}`);
      }
    },
    make(members, decoding) {
      const name = stringOf(members, "name", decoding);
      const known = classes.get(name);
      if (known === undefined) {
        const hint = "register it in the relay's codec, or upgrade this worker";
        throw new NotUnderstoodError(`the class ${quote(name)}`, { hint });
      }
      try {
        return known.decode(members.value);
      } catch (error) {
        if (HandoffError.isInstance(error)) throw error;
        return decoding.malformed(`the codec of ${known.name} refused its parts`, error);
      }
    },
    segment: () => "",
  };
}

export function codecOf(classes: ReadonlyMap<string, ClassCodec>, instance: object): ClassCodec | undefined {
  for (const codec of classes.values()) {
    if (codec.is(instance)) return codec;
  }
  return undefined;
}
