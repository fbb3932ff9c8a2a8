/** A list of unsigned 32-bit integers, in a typed array that grows. */
export class GrowingNumbers {
  /** The numbers, followed by unused room. */
  items: Uint32Array = new Uint32Array(2);
  /** Numbers used. */
  size = 0;

  /** Appends a number. */
  push(number: number): void {
    this.reach(this.size + 1);
    this.items[this.size++] = number;
  }

  /** Appends the numbers at indexes `from` to `to` (exclusive). */
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

  /** Inserts a number at an index. */
  insert(at: number, number: number): void {
    this.push(number);
    this.items.copyWithin(at + 1, at, this.size - 1);
    this.items[at] = number;
  }

  /** Removes the number at an index. */
  remove(at: number): void {
    this.items.copyWithin(at, at + 1, this.size--);
  }
}
