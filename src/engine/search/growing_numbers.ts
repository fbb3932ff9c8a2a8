/** Whole numbers of 32 bits one after another, in a typed array that grows. */
export class GrowingNumbers {
  /** The numbers, with more room than used. */
  items: Uint32Array = new Uint32Array(2);
  /** Numbers used. */
  size = 0;

  /** Appends a number. */
  push(number: number): void {
    if (this.size === this.items.length) {
      const longer = new Uint32Array(this.size * 2);
      longer.set(this.items);
      this.items = longer;
    }
    this.items[this.size++] = number;
  }

  /** Appends the numbers from index `from` on and below `to`. */
  append(numbers: Uint32Array, from: number, to: number): void {
    const { size } = this;
    const needed = size + to - from;
    let { length } = this.items;
    if (needed > length) {
      while (length < needed) length *= 2;
      const longer = new Uint32Array(length);
      longer.set(this.items);
      this.items = longer;
    }
    const { items } = this;
    for (let at = from; at < to; at++) items[size + at - from] = numbers[at]!;
    this.size = needed;
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
