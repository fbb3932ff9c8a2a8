import { mustBe } from "./check.ts";

/** Throws `ClientError` `INVALID_ARGUMENT` unless the value is a token, gives tokens, or is absent. */
export function checkAuth(auth: unknown): void {
  if (auth === undefined || typeof auth === "function") return;
  if (typeof auth === "string" && auth !== "") return;
  throw mustBe("auth", "a token or a function that gives one", auth);
}
