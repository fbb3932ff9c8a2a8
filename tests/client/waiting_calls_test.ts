import { assert, assertEquals } from "@std/assert";
import {
  type PendingCall,
  withWaiting,
} from "../../src/client/http/pending_call.ts";

Deno.test("of the calls that wait, those that were given up are not kept until a place is free", () => {
  let waiting: PendingCall[] = [];
  let most = 0;
  for (let at = 0; at < 5000; at++) {
    const abandoned = at % 100 > 0;
    waiting = withWaiting(waiting, { abandoned, bytes: at } as PendingCall);
    most = Math.max(most, waiting.length);
  }
  assert(most < 600, `${most} at once`);
  const kept = waiting.filter(({ abandoned }) => !abandoned);
  assertEquals(kept.map(({ bytes }) => bytes), kept.map((_, at) => at * 100));
});
