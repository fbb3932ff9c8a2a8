import type { Value } from "../../values/types.ts";

/** Attributes of an identity, and the OpenID Connect claims that they come from. */
export const OPENID_CLAIMS: { readonly [attribute: string]: string } = {
  givenName: "given_name",
  familyName: "family_name",
  preferredUsername: "preferred_username",
  profileUrl: "profile",
  pictureUrl: "picture",
  emailVerified: "email_verified",
  birthday: "birthdate",
  timezone: "zoneinfo",
  language: "locale",
  phoneNumber: "phone_number",
  phoneNumberVerified: "phone_number_verified",
  updatedAt: "updated_at",
};

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
