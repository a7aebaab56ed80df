/** One thing that AWS does, as its documentation has it, and how to see what a server does in its place. */
export interface Fact<Client> {
  readonly id: string;
  /** A sentence that is true of AWS. */
  readonly promise: string;
  /** What is observed on AWS. */
  readonly aws: string;
  readonly observe: (client: Client) => Promise<string>;
}

/** What a server does where it does not do what AWS does, by the fact's id. */
export type Deviations = Readonly<Record<string, string>>;

/** `ok`, or the status and name of the error: what a caller can tell apart. */
export const outcomeOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
    return "ok";
  } catch (error) {
    const { name, $metadata } = error as { name: string; $metadata?: { httpStatusCode?: number } };
    return `${$metadata?.httpStatusCode ?? "no answer"} ${name}`;
  }
};

/** A name that nobody else uses on a shared server. */
export const uniqueName = (prefix: string): string =>
  `${prefix}-${Math.random().toString(36).slice(2, 10)}${Math.random().toString(36).slice(2, 10)}`;
