import type { Value } from "../../values/types.ts";

/** Who is calling, as `ctx.auth.getUserIdentity()` returns it: the claims of a verified token. */
export interface UserIdentity {
  /** Unique among all issuers: `issuer|subject`. */
  tokenIdentifier: string;
  /** The user, unique within the issuer. */
  subject: string;
  /** The issuer of the token. */
  issuer: string;
  /** Further claims. */
  [claim: string]: Value | undefined;
}
