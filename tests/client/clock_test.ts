/** Setting this host's clock changes neither how long a deployment is left alone nor how long a token is used. */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { AuthTokens } from "../../src/client/auth_tokens.ts";
import { CircuitBreaker } from "../../src/client/circuit_breaker.ts";
import { OverloadedError } from "../../src/errors.ts";

const HOUR_MS = 3_600_000;

async function atClock(
  offMs: number,
  run: () => void | Promise<void>,
): Promise<void> {
  const { now } = Date;
  Date.now = () => now() + offMs;
  try {
    await run();
  } finally {
    Date.now = now;
  }
}

Deno.test("a circuit that opened before the clock was set back closes in its time", async () => {
  const breaker = new CircuitBreaker({ failures: 1, openMs: 30 }, () => {});
  breaker.leave(breaker.enter(), "unwell");
  await atClock(-HOUR_MS, async () => {
    assertThrows(() => breaker.enter(), OverloadedError);
    await new Promise((done) => setTimeout(done, 40));
    assertEquals(breaker.state, "half-open");
    breaker.leave(breaker.enter(), "well");
  });
  assertEquals(breaker.state, "closed");
});

Deno.test("a token ends in its time after the clock was set back, and at once after it was set on", async () => {
  let asked = 0;
  const part = (value: unknown) => btoa(JSON.stringify(value));
  const tokens = new AuthTokens(() =>
    `${part({})}.${part({ jti: asked++, iat: 1000, exp: 1000.1 })}.x`
  );
  await tokens.get();
  await tokens.get();
  assertEquals(asked, 1);
  await atClock(-HOUR_MS, async () => {
    await new Promise((done) => setTimeout(done, 60));
    await tokens.get();
    assertEquals(asked, 2);
  });
  await atClock(HOUR_MS, async () => {
    await tokens.get();
    assertEquals(asked, 3);
  });
});

Deno.test("a provider that does not answer is asked again after a while, and what it answers late replaces nothing", async () => {
  const part = (value: unknown) => btoa(JSON.stringify(value));
  const token = (jti: number) =>
    `${part({})}.${part({ jti, iat: 1000, exp: 9000 })}.x`;
  const answers = [1, 2].map(() => Promise.withResolvers<string>());
  let asked = 0;
  const tokens = new AuthTokens(() => answers[asked++]!.promise);
  const first = tokens.get();
  assertEquals([tokens.get() === first, asked], [true, 1]);
  const { now } = performance;
  performance.now = () => now.call(performance) + 61_000;
  try {
    const second = tokens.get();
    assertEquals(asked, 2);
    answers[1]!.resolve(token(2));
    assertEquals(await second, token(2));
    answers[0]!.resolve(token(1));
    assertEquals(await first, token(1));
    assertEquals(await tokens.get(), token(2));
    assertEquals(asked, 2);
  } finally {
    performance.now = now;
  }
});

Deno.test("a token that is valid is used while no other can be had", async () => {
  const part = (value: unknown) => btoa(JSON.stringify(value));
  const token = `${part({})}.${part({ iat: 1000, exp: 1100 })}.x`;
  let asked = 0;
  const tokens = new AuthTokens(() => {
    if (asked++ > 0) throw new Error("no session now");
    return token;
  });
  await tokens.get();
  await atClock(95_000, async () => {
    assertEquals([await tokens.get(), asked], [token, 2]);
    await assertRejects(async () => await tokens.get(token), Error, "session");
  });
  await atClock(101_000, async () => {
    await assertRejects(async () => await tokens.get(), Error, "session");
  });
});

Deno.test("a token that was kept for a while is replaced the sooner", async () => {
  const part = (value: unknown) => btoa(JSON.stringify(value));
  const token = `${part({})}.${part({ iat: 1000, exp: 1000.1 })}.x`;
  const tokens = new AuthTokens(() => token);
  assertEquals(await tokens.get(), token);
  await new Promise((done) => setTimeout(done, 60));
  assert(tokens.leftMs! <= 0);
});
