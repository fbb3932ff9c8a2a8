/** Sorts after every key, as the characters of keys are below U+0100. */
const AFTER_ALL = "\uffff";

interface Node<T> {
  start: string;
  end: string;
  /** Greatest end in this subtree. */
  maxEnd: string;
  owners: Set<T>;
  /** Random; the greatest in its subtree, which keeps the tree balanced. */
  priority: number;
  left: Node<T> | undefined;
  right: Node<T> | undefined;
}

/** Intervals of strings with their owners, in a treap. Adding, removing and each hit cost O(log n). */
export class IntervalTree<T> {
  #root: Node<T> | undefined;
  /** State of a xorshift generator: it is enough that priorities are unrelated to the keys. */
  #seed = 0x9e3779b9;

  /** True when there is no interval. */
  isEmpty(): boolean {
    return this.#root === undefined;
  }

  /** Adds an owner to an interval. */
  add(start: string, end: string | undefined, owner: T): void {
    const last = end ?? AFTER_ALL;
    const node = this.#find(start, last);
    if (node) node.owners.add(owner);
    else this.#root = insert(this.#root, this.#node(start, last, owner));
  }

  /** Removes an owner from an interval. */
  remove(start: string, end: string | undefined, owner: T): void {
    const last = end ?? AFTER_ALL;
    const node = this.#find(start, last);
    node?.owners.delete(owner);
    if (node?.owners.size === 0) this.#root = removeNode(this.#root, node);
  }

  /** Calls `visit` with the owners of each interval that contains the key: repeatedly for an owner of several. */
  stab(key: string, visit: (owner: T) => void): void {
    stab(this.#root, key, visit);
  }

  #find(start: string, end: string): Node<T> | undefined {
    let node = this.#root;
    while (node) {
      const order = compare(node, start, end);
      if (order === 0) return node;
      node = order > 0 ? node.left : node.right;
    }
    return undefined;
  }

  #node(start: string, end: string, owner: T): Node<T> {
    this.#seed ^= this.#seed << 13;
    this.#seed ^= this.#seed >>> 17;
    this.#seed ^= this.#seed << 5;
    return {
      start,
      end,
      maxEnd: end,
      owners: new Set([owner]),
      priority: this.#seed,
      left: undefined,
      right: undefined,
    };
  }
}

/** Negative when the node is before the interval, positive when it is after it. */
function compare<T>(node: Node<T>, start: string, end: string): number {
  if (node.start !== start) return node.start < start ? -1 : 1;
  if (node.end !== end) return node.end < end ? -1 : 1;
  return 0;
}

function update<T>(node: Node<T>): Node<T> {
  let max = node.end;
  if (node.left && node.left.maxEnd > max) max = node.left.maxEnd;
  if (node.right && node.right.maxEnd > max) max = node.right.maxEnd;
  node.maxEnd = max;
  return node;
}

function insert<T>(tree: Node<T> | undefined, node: Node<T>): Node<T> {
  if (!tree) return node;
  if (node.priority > tree.priority) {
    [node.left, node.right] = split(tree, node.start, node.end);
    return update(node);
  }
  if (compare(tree, node.start, node.end) > 0) {
    tree.left = insert(tree.left, node);
  } else tree.right = insert(tree.right, node);
  return update(tree);
}

/** Splits a tree into the parts before and after an interval. */
function split<T>(
  tree: Node<T> | undefined,
  start: string,
  end: string,
): [Node<T> | undefined, Node<T> | undefined] {
  if (!tree) return [undefined, undefined];
  if (compare(tree, start, end) > 0) {
    const [before, after] = split(tree.left, start, end);
    tree.left = after;
    return [before, update(tree)];
  }
  const [before, after] = split(tree.right, start, end);
  tree.right = before;
  return [update(tree), after];
}

function removeNode<T>(
  tree: Node<T> | undefined,
  node: Node<T>,
): Node<T> | undefined {
  if (!tree) return undefined;
  if (tree === node) return merge(tree.left, tree.right);
  if (compare(tree, node.start, node.end) > 0) {
    tree.left = removeNode(tree.left, node);
  } else tree.right = removeNode(tree.right, node);
  return update(tree);
}

/** Joins two trees of which the first is before the second. */
function merge<T>(
  before: Node<T> | undefined,
  after: Node<T> | undefined,
): Node<T> | undefined {
  if (!before || !after) return before ?? after;
  if (before.priority > after.priority) {
    before.right = merge(before.right, after);
    return update(before);
  }
  after.left = merge(before, after.left);
  return update(after);
}

function stab<T>(
  tree: Node<T> | undefined,
  key: string,
  visit: (owner: T) => void,
): void {
  if (!tree || tree.maxEnd <= key) return;
  stab(tree.left, key, visit);
  if (tree.start > key) return;
  if (key < tree.end) tree.owners.forEach(visit);
  stab(tree.right, key, visit);
}
