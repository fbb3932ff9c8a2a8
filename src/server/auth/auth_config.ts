import type { OptionNames } from "../../unknown_option.ts";
import { formatJson } from "../../values/format_json.ts";
import { checkNearNames } from "../check_options.ts";

/** The identity providers, in the form of the default export of Convex's `auth.config.ts`. */
export interface AuthConfig {
  /** The providers. A token is verified against the one whose issuer and audience it names. */
  providers: readonly AuthProvider[];
}

/** An issuer of tokens. */
export type AuthProvider =
  | {
    /** An OpenID Connect provider, whose keys are found through its discovery document. */
    type?: "oidc" | undefined;
    /** Its issuer, such as `https://example.auth0.com`. */
    domain: string;
    /** Audience that tokens must have. */
    applicationID: string;
  }
  | {
    /** Any other issuer of JWTs. */
    type: "customJwt";
    /** The issuer that tokens must name. */
    issuer: string;
    /** URL of its public keys; also a `data:` URL. */
    jwks: string;
    /** Algorithm of its signatures. */
    algorithm: "RS256" | "ES256";
    /** The audience that tokens must name. Without it, tokens for other applications are accepted, too. */
    applicationID?: string | undefined;
  };

/** A provider, checked, with the members that its two forms have in common. */
export interface Provider {
  /** Its issuer, as it is compared. */
  issuer: string;
  /** Audience that tokens must have. */
  audience: string | undefined;
  /** Algorithms of its signatures. */
  algorithms: string[];
  /** Where its keys are; undefined: to be found by discovery. */
  jwksUrl: string | undefined;
  /** Whether its tokens are custom JWTs rather than OpenID Connect's: they may lack `iat` and have nested claims. */
  isCustom: boolean;
}

const NAMES: OptionNames<
  Extract<AuthProvider, { type: "customJwt" }> & { domain: string }
> = {
  type: 1,
  domain: 1,
  applicationID: 1,
  issuer: 1,
  jwks: 1,
  algorithm: 1,
};

/** Reads a configuration. Throws `TypeError` naming the problem. */
export function readProviders(config: AuthConfig): Provider[] {
  if (!Array.isArray(config?.providers)) {
    throw invalid("providers", "a list of providers", config?.providers);
  }
  return config.providers.map((provider: AuthProvider, at) => {
    if (typeof provider !== "object" || provider === null) {
      throw invalid(`providers[${at}]`, "an object", provider);
    }
    // A misspelt option would be ignored, and tokens accepted that it was meant to refuse.
    checkNearNames(`providers[${at}] of the auth config`, provider, NAMES);
    const text = (name: string) => {
      const value = (provider as unknown as Record<string, unknown>)[name];
      if (typeof value === "string" && value !== "") return value;
      throw invalid(`providers[${at}].${name}`, "a text", value);
    };
    return provider.type === undefined || provider.type === "oidc"
      ? openIdProvider(text)
      : customProvider(provider, text, `providers[${at}]`);
  });
}

function openIdProvider(text: (name: string) => string): Provider {
  return {
    issuer: issuerOf(text("domain")),
    audience: text("applicationID"),
    algorithms: ["RS256", "EdDSA", "ES256"],
    jwksUrl: undefined,
    isCustom: false,
  };
}

function customProvider(
  { type, applicationID }: Pick<AuthProvider, "type" | "applicationID">,
  text: (name: string) => string,
  where: string,
): Provider {
  const algorithm = text("algorithm");
  if (
    type !== "customJwt" || (algorithm !== "RS256" && algorithm !== "ES256")
  ) {
    throw invalid(
      where,
      'of type "customJwt" with algorithm "RS256" or "ES256"',
      [type, algorithm],
    );
  }
  const jwksUrl = text("jwks");
  if (!URL.canParse(jwksUrl)) throw invalid(`${where}.jwks`, "a URL", jwksUrl);
  return {
    issuer: issuerOf(text("issuer")),
    audience: applicationID === undefined ? undefined : text("applicationID"),
    algorithms: [algorithm],
    jwksUrl,
    isCustom: true,
  };
}

function invalid(where: string, bound: string, value: unknown): TypeError {
  return new TypeError(
    `${where} of the auth config must be ${bound}, got ${formatJson(value)}`,
  );
}

/**
 * An issuer as it is compared: with a scheme, and without a slash at the end. Some providers write these in one place
 * and not in another.
 */
export function issuerOf(text: string): string {
  return (/^https?:/.test(text) ? text : `https://${text}`).replace(/\/$/, "");
}
