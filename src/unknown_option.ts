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

/** The first option that is unknown; undefined when all are known. Options that are undefined are not looked at. */
export function unknownOption(
  owner: string,
  options: object,
  known: object,
): UnknownOption | undefined {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || Object.hasOwn(known, name)) continue;
    const names = Object.keys(known);
    let near = "";
    let most = 2;
    for (const other of names) {
      const alike = likeness(name.toLowerCase(), other.toLowerCase());
      if (alike > most) [near, most] = [` (did you mean ${other}?)`, alike];
    }
    const text = `${owner} has no option ${
      JSON.stringify(name.slice(0, 80))
    }${near}: it has ${names.join(", ")}`;
    return { name, text };
  }
  return undefined;
}

/** Characters that two names begin and end with in common, where these are most of the shorter one; otherwise 0. */
function likeness(one: string, two: string): number {
  const length = Math.min(one.length, two.length);
  let same = 0;
  while (same < length && one[same] === two[same]) same++;
  for (let end = 1; same < length && one.at(-end) === two.at(-end); end++) {
    same++;
  }
  return same * 5 < length * 3 ? 0 : same;
}
