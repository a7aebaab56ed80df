/**
 * A value on its way through the codec, as far as cycles matter. Some values, instances of classes among them, can only
 * be made when all of their parts are there: they are sealed, and no cycle may lead through them. To know that without
 * regard to the order of things, each value remembers how far out its parts lead.
 */
export interface Node {
  readonly depth: number;
  /** How many sealed values are open here and above. */
  readonly sealed: number;
  readonly isSealed: boolean;
  /** Whether parts of it are still to come. */
  open: boolean;
  /** The outermost value, among those open when it was found, that a part of this one leads to. */
  leadsTo: Node | undefined;
}

/** The outermost open value that a reference to `node` leads to: itself, or what its parts lead to. */
export function outermostOpen(node: Node): Node | undefined {
  if (node.open) return node;
  let found = node.leadsTo;
  // What has been closed since leads on to where its own parts lead.
  while (found !== undefined && !found.open) found = found.leadsTo;
  node.leadsTo = found;
  return found;
}

/** Whether a reference from within `from` to the open value `target` closes a cycle through a sealed value. */
export function isForbidden(from: Node, target: Node): boolean {
  return target.isSealed || from.sealed > target.sealed;
}

/** Notes that a part of `node` leads to `target`. */
export function lead(node: Node, target: Node): void {
  if (node.leadsTo === undefined || target.depth < node.leadsTo.depth) node.leadsTo = target;
}

/** All parts of `node` are there. */
export function close(node: Node, parent: Node | undefined): void {
  node.open = false;
  if (node.leadsTo === node) node.leadsTo = undefined;
  if (node.leadsTo !== undefined && parent !== undefined) lead(parent, node.leadsTo);
}
