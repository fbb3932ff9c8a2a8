/** Convex's value model: the values of documents, arguments and results. */

/** A value that Convex can hold. As in Convex, `undefined` members of objects are dropped. */
export type Value =
  | null
  | bigint
  | number
  | boolean
  | string
  | ArrayBuffer
  | Value[]
  | { [key: string]: Value | undefined };

/** The JSON form of a value on the wire: bigint, bytes and special floats are `$integer`, `$bytes`, `$float` objects. */
export type JsonValue =
  | null
  | number
  | boolean
  | string
  | JsonValue[]
  | { [key: string]: JsonValue };
