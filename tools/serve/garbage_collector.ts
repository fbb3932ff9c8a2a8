import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** What collects the garbage of this process at once. It is made by the first call, as few servers ever need it. */
export function garbageCollector(): () => void {
  let collect: (() => void) | undefined;
  return () => {
    if (!collect) {
      setFlagsFromString("--expose-gc");
      // In another realm, so that functions have no `gc` of their own.
      collect = runInNewContext("gc") as () => void;
    }
    collect();
  };
}
