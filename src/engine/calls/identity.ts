import type { Value } from "../../values/types.ts";

/** Who calls, as `ctx.auth.getUserIdentity()` gives it: the claims of a verified token. */
export interface UserIdentity {
  /** Unique among all issuers: `issuer|subject`. */
  tokenIdentifier: string;
  /** The user, unique for the issuer. */
  subject: string;
  /** Who vouches for it. */
  issuer: string;
  /** Further claims. */
  [claim: string]: Value | undefined;
}
