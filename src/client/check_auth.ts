import { ClientError } from "../errors.ts";
import { shown } from "./shown.ts";

/** Throws `ClientError` `INVALID_ARGUMENT` unless the value is a token, gives tokens, or is absent. */
export function checkAuth(auth: unknown): void {
  if (auth === undefined || typeof auth === "function") return;
  if (typeof auth === "string" && auth !== "") return;
  throw new ClientError(
    "INVALID_ARGUMENT",
    `auth must be a token or a function that gives one; got ${
      typeof auth === "string" ? '""' : shown(auth)
    }`,
  );
}
