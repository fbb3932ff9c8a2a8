/** Whole numbers of 32 bits one after another, in a typed array that grows. */
export class GrowingNumbers {
  /** The numbers, with more room than used. */
  items: Uint32Array = new Uint32Array(2);
  /** Numbers used. */
  size = 0;

  /** Appends a number. */
  push(number: number): void {
    this.reach(this.size + 1);
    this.items[this.size++] = number;
  }

  /** Appends the numbers from index `from` on and below `to`. */
  append(numbers: Uint32Array, from: number, to: number): void {
    const { size } = this;
    const items = this.reach(size + to - from);
    for (let at = from; at < to; at++) items[size + at - from] = numbers[at]!;
    this.size += to - from;
  }

  /** Makes room for `size` numbers, and returns `items`. */
  reach(size: number): Uint32Array {
    let { length } = this.items;
    if (size <= length) return this.items;
    while (length < size) length *= 2;
    const longer = new Uint32Array(length);
    longer.set(this.items);
    return this.items = longer;
  }

  /** Puts a number at a place, before those that are there. */
  insert(at: number, number: number): void {
    this.push(number);
    this.items.copyWithin(at + 1, at, this.size - 1);
    this.items[at] = number;
  }

  /** Takes the number at a place out. */
  remove(at: number): void {
    this.items.copyWithin(at, at + 1, this.size--);
  }
}
