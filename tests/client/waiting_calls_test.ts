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

Deno.test("of many calls that wait, each is looked at a few times for whether it was given up", () => {
  let looks = 0;
  const call = {
    get abandoned() {
      looks++;
      return false;
    },
  } as PendingCall;
  let waiting: PendingCall[] = [];
  for (let at = 0; at < 20_000; at++) waiting = withWaiting(waiting, call);
  assertEquals(waiting.length, 20_000);
  assert(looks < 40_000, `${looks} looks`);
});
