import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Returns a function that collects garbage at once. It is set up by the first call, as few servers need it. */
export function garbageCollector(): () => void {
  let collect: (() => void) | undefined;
  return () => {
    if (!collect) {
      setFlagsFromString("--expose-gc");
      // In another realm, so that functions do not see a global `gc`.
      collect = runInNewContext("gc") as () => void;
    }
    collect();
  };
}
