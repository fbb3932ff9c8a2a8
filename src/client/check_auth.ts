import { mustBe } from "./check.ts";

/** Throws `ClientError` `INVALID_ARGUMENT` unless the value is a token, gives tokens, or is absent. */
export function checkAuth(auth: unknown): void {
  if (auth === undefined || typeof auth === "function") return;
  checkToken(auth);
}

/** Throws `INVALID_ARGUMENT` unless the value is a token that a header can carry. No message shows one. */
export function checkToken(token: unknown): void {
  const isText = typeof token === "string";
  if (isText && /^[ -~]+$/.test(token)) return;
  throw mustBe(
    "auth",
    "a token or a function that returns one",
    isText ? "" : token,
  );
}
