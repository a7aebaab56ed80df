/** Where commands write what happens. */
export type Say = (line?: string) => void;

export const say: Say = (line = "") => void process.stdout.write(`${line}\n`);
