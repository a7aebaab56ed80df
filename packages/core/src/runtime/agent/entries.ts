/** Something an agent learned, as it hands it over. Values are encoded when the hop is committed. */
export type NewEntry =
  /** One message of a conversation, its own or a model's: any serializable value. */
  | { readonly kind: "message"; readonly value: unknown }
  /** A result; `context.latest(agent)` finds the last one. */
  | { readonly kind: "output"; readonly name?: string; readonly value: unknown }
  /** A part of the agent's state that a later hop may need. */
  | { readonly kind: "state"; readonly name: string; readonly value: unknown }
  /** What a model really saw, for the record. */
  | { readonly kind: "view"; readonly name?: string; readonly value: unknown }
  | NewArtifact;

/** A file: its bytes lie beside the chain and are read only when somebody asks. */
export interface NewArtifact {
  readonly kind: "artifact";
  readonly name: string;
  /** Default: `text/plain; charset=utf-8` for a string, `application/octet-stream` for bytes. */
  readonly mediaType?: string;
  readonly data: Uint8Array | string;
}

export function message(value: unknown): NewEntry {
  return { kind: "message", value };
}

export function output(value: unknown, options: { name?: string } = {}): NewEntry {
  return { kind: "output", value, ...options };
}

export function state(name: string, value: unknown): NewEntry {
  return { kind: "state", name, value };
}

export function artifact(name: string, data: Uint8Array | string, options: { mediaType?: string } = {}): NewArtifact {
  return { kind: "artifact", name, data, ...options };
}
