import type { Json } from '../model/json.ts';
import { type Element, type Leaf, leafOf, type Members, type Scalar } from './leaf.ts';

/** One step of a path. */
type Node = {
  /** Number of the path that ends here, or -1. */
  field: number;
  /** The path so far with a dot behind. */
  readonly prefix: string;
  readonly children: Map<string, Node>;
  /** Every key under which an object can hold something of this tree; undefined when they are too many to try one by one. */
  lookups: readonly Lookup[] | undefined;
};

/** A key, plain or with dots, and the step it leads to. */
type Lookup = { readonly key: string; readonly node: Node };

/** Paths to collect, as a tree. */
export type Tree = Node;

/** What was met of one event, walk after walk: the same array is the same `Members` in all of them. */
export type Found = {
  /** Whether a key with a dot in it was followed: only then can one path lead through several arrays at once. */
  dotted: boolean;
  readonly arrays: Map<readonly Json[], Members[]>;
  elements: number;
};

/** Nothing met yet. */
export const nothingFound = (): Found => ({ dotted: false, arrays: new Map(), elements: 0 });

/** Up to so many keys are looked up; above, the keys of the object are gone through instead. */
const manyLookups = 48;

/** V8 looks up a key fastest when it is the very string that its tables hold. */
const interned = (key: string): string => Object.keys({ [key]: 0 })[0] ?? key;

function stepTo(node: Node, key: string): Node {
  let child = node.children.get(key);
  if (child === undefined) {
    child = { field: -1, prefix: `${node.prefix}${key}.`, children: new Map(), lookups: undefined };
    node.children.set(key, child);
  }
  return child;
}

/** A dot in a key joins as a step does, so every run of steps below a node is also a key. */
function lookupsOf(node: Node): readonly Lookup[] | undefined {
  const lookups: Lookup[] = [];
  const open: Node[] = [node];
  for (let from = open.pop(); from !== undefined; from = open.pop()) {
    for (const child of from.children.values()) {
      if (lookups.length === manyLookups) return undefined;
      lookups.push({ key: interned(child.prefix.slice(node.prefix.length, -1)), node: child });
      open.push(child);
    }
  }
  return lookups;
}

/** The tree of numbered dotted paths, each path once. */
export function treeOf(paths: readonly { readonly path: string; readonly number: number }[]): Tree {
  const root: Node = { field: -1, prefix: '', children: new Map(), lookups: undefined };
  const nodes = new Set([root]);
  for (const { path, number } of paths) {
    let node = root;
    for (const key of path.split('.')) {
      node = stepTo(node, key);
      nodes.add(node);
    }
    node.field = number;
  }
  for (const node of nodes) node.lookups = lookupsOf(node);
  return root;
}

type Walk = { readonly found: Found; readonly leaves: Leaf[]; readonly pending: (() => void)[] };

const isScalar = (value: Json): value is Scalar => typeof value !== 'object' || value === null;

function visit(node: Node, value: Json, within: Element | undefined, walk: Walk): void {
  if (isScalar(value)) {
    if (node.field >= 0) walk.leaves.push(leafOf(node.field, value, within));
  } else if (Array.isArray(value)) visitMembers(node, value, within, walk);
  else {
    const object = value as { readonly [key: string]: Json }; // neither scalar nor array
    if (node.lookups === undefined) visitKeys(node, object, within, walk);
    else visitObject(node, node.lookups, object, within, walk);
  }
}

function visitObject(
  node: Node,
  lookups: readonly Lookup[],
  object: { readonly [key: string]: Json },
  within: Element | undefined,
  walk: Walk,
): void {
  for (const { key, node: child } of lookups) {
    const value = object[key];
    if (value === undefined || !Object.hasOwn(object, key)) continue;
    if (!node.children.has(key)) walk.found.dotted = true;
    visit(child, value, within, walk);
  }
}

function visitKeys(
  node: Node,
  object: { readonly [key: string]: Json },
  within: Element | undefined,
  walk: Walk,
): void {
  for (const key of Object.keys(object)) {
    const value = object[key];
    const steps = key.split('.');
    let child: Node | undefined = node;
    for (let at = 0; child !== undefined && at < steps.length; at++) child = child.children.get(steps[at] ?? '');
    if (value === undefined || child === undefined) continue;
    if (steps.length > 1) walk.found.dotted = true;
    visit(child, value, within, walk);
  }
}

/** An array in its place. The same one is met again by other walks, and in an event made by hand even in other places. */
function membersOf(array: readonly Json[], prefix: string, within: Element | undefined, { arrays }: Found): Members {
  const places = arrays.get(array);
  const known = places?.find((members) => members.prefix === prefix && members.within === within);
  if (known !== undefined) return known;
  const depth = within === undefined ? 1 : within.array.depth + 1;
  const members: Members = { prefix, within, depth, elements: [] };
  if (places === undefined) arrays.set(array, [members]);
  else places.push(members);
  return members;
}

/** Members that are scalars are leaves of the array itself; objects and nested arrays are elements that exclude each other. */
function visitMembers(node: Node, array: readonly Json[], within: Element | undefined, walk: Walk): void {
  let members: Members | undefined;
  for (let at = 0; at < array.length; at++) {
    const member = array[at];
    if (member === undefined) continue;
    if (isScalar(member)) {
      if (node.field >= 0) walk.leaves.push(leafOf(node.field, member, within));
    } else if (Array.isArray(member) || node.children.size > 0) {
      members ??= membersOf(array, node.prefix, within, walk.found);
      members.elements[at] ??= { array: members, id: walk.found.elements++ };
      const element = members.elements[at];
      if (Array.isArray(member)) walk.pending.push(() => visitMembers(node, member, element, walk));
      else visit(node, member, element, walk);
    }
  }
}

/**
 * The leaves of an event on the paths of a tree, in one pass. Objects nest no deeper than the longest path; nested arrays,
 * which no path bounds, wait in a list instead of on the stack.
 */
export function collect(tree: Tree, event: Json, found: Found): readonly Leaf[] {
  const walk: Walk = { found, leaves: [], pending: [] };
  if (!Array.isArray(event)) visit(tree, event, undefined, walk);
  for (let next = walk.pending.pop(); next !== undefined; next = walk.pending.pop()) next();
  return walk.leaves;
}
