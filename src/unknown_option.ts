import { shown } from "./values/shown.ts";

/** Names of options, each with some value. */
export type OptionNames<Options> = {
  readonly [name in keyof Required<Options>]: 1;
};

/** An option that is unknown. */
export interface UnknownOption {
  /** Its name. */
  name: string;
  /** What an error says of it: whose it is, and which known one it may have been meant for. */
  text: string;
}

/**
 * The first option, or what else `noun` says, that is unknown; undefined when all are known. Options that are undefined
 * are not looked at.
 */
export function unknownOption(
  owner: string,
  options: object,
  known: object,
  noun = "option",
): UnknownOption | undefined {
  const names = Object.keys(known);
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || names.includes(name)) continue;
    let near = "";
    let most = 2;
    for (const other of names) {
      const alike = inCommon(name.toLowerCase(), other.toLowerCase());
      if (
        alike > most && alike * 5 >= Math.min(name.length, other.length) * 3
      ) {
        [near, most] = [` (did you mean ${other}?)`, alike];
      }
    }
    const text = `${owner} has no ${noun} ${shown(name)}${near}: it has ${
      names.join(", ")
    }`;
    return { name, text };
  }
}

/** How many characters two names begin and end with in common. */
export function inCommon(one: string, other: string): number {
  const length = Math.min(one.length, other.length);
  let same = 0;
  while (same < length && one[same] === other[same]) same++;
  for (let end = 1; same < length && one.at(-end) === other.at(-end); end++) {
    same++;
  }
  return same;
}
