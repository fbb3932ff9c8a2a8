import { assert, assertEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import { isLarge, ownCopy } from "../../src/executor/wire/own_copy.ts";

const BYTES = 65_536;

Deno.test("a copy that moves is what a clone would be", () => {
  const buffer = new ArrayBuffer(BYTES + 64);
  new Uint8Array(buffer).forEach((_, at, bytes) => bytes[at] = at);
  const values = [
    buffer,
    new Uint8Array(buffer),
    new Float64Array(buffer, 16, 7),
    new DataView(buffer, 3, 20),
    new BigInt64Array(buffer, 8),
    new Uint8Array(buffer, 5, 0),
    Buffer.from(buffer, 4, 9),
    Object.defineProperty(new Uint8Array(buffer), Symbol.toStringTag, {
      value: "Float32Array",
    }),
  ];
  for (const value of values) {
    const { copy, transfer } = ownCopy(value)!;
    const clone = structuredClone(value);
    assertEquals(copy, clone);
    assertEquals(
      Object.prototype.toString.call(copy),
      Object.prototype.toString.call(clone),
    );
    if (ArrayBuffer.isView(copy)) {
      const { byteOffset, byteLength, buffer } = clone as DataView;
      assertEquals([copy.byteOffset, copy.byteLength], [
        byteOffset,
        byteLength,
      ]);
      assertEquals(copy.buffer, buffer);
      assert(copy.buffer === transfer[0]);
    } else assert(copy === transfer[0]);
    assert(transfer.length === 1 && transfer[0] !== buffer);
  }
});

Deno.test("what only a clone carries is not copied", () => {
  class Own extends ArrayBuffer {}
  const resizable = new (ArrayBuffer as new (
    length: number,
    options: { maxByteLength: number },
  ) => ArrayBuffer)(BYTES, { maxByteLength: 2 * BYTES });
  const shared = new SharedArrayBuffer(BYTES);
  for (
    const value of [
      ...[resizable, new Uint8Array(resizable), new Own(BYTES)],
      ...[shared, new Uint8Array(shared), new ArrayBuffer(BYTES - 1)],
      ...[undefined, null, 1, "x".repeat(BYTES), { bytes: 1 }, []],
    ]
  ) assertEquals(ownCopy(value), undefined);
  assert(!isLarge(shared) && !isLarge(new Uint8Array(8)));
});
