/** Helpers for profiles: presets and checks that are optional, and a builder. */
import { UserValidationError } from "../../errors.ts";
import { INVALID_DATA_TYPE } from "../rules/rule_words.ts";
import { current, got, isRecord, isText } from "../rules/rules.ts";

/** Common fields of a profile; any others are allowed. */
export interface StandardUserProfile {
  /** Name to display. */
  displayName: string;
  /** Email address. */
  email?: string | undefined;
  /** URL of the user's picture. */
  avatarUrl?: string | undefined;
  /** Telephone number. */
  phone?: string | undefined;
  /** First name. */
  firstName?: string | undefined;
  /** Last name. */
  lastName?: string | undefined;
  /** The user's own description. */
  bio?: string | undefined;
  /** Language and country, such as `en-GB`. */
  locale?: string | undefined;
  /** Time zone, such as `Europe/Berlin`. */
  timezone?: string | undefined;
  /** `active`, `inactive`, `suspended`, `pending` or anything else. */
  status?: "active" | "inactive" | "suspended" | "pending" | string | undefined;
  /** Kind of account. */
  accountType?: string | undefined;
  /** The user's settings. */
  preferences?: Record<string, unknown> | undefined;
  /** Data from the platform. */
  platformMetadata?: Record<string, unknown> | undefined;
  /** Any further data. */
  [key: string]: unknown;
}

/** Fields of a profile. */
export type ProfileParts = {
  [Field in keyof StandardUserProfile]?: StandardUserProfile[Field] | undefined;
};

/** Requirements on a profile. */
export interface ValidationPreset {
  /** Fields that must be present and not blank. */
  requiredFields?: string[] | undefined;
  /** Whether `email`, if present, must look like an address. Default: false. */
  validateEmail?: boolean | undefined;
  /** Whether `phone`, if present, must look like a number. Default: false. */
  validatePhone?: boolean | undefined;
  /** Largest size of the profile as JSON, in UTF-8 bytes. */
  maxDataSize?: number | undefined;
  /** Longest string directly in the profile, in characters; strings in objects and lists do not count. */
  maxStringLength?: number | undefined;
  /** A check of your own. */
  customValidator?:
    | ((data: Record<string, unknown>) => { valid: boolean; errors: string[] })
    | undefined;
}

/** Predefined presets. */
export const validationPresets: {
  /** Requires a display name and a valid email; at most 64 KiB, and 1,024 characters per string. */
  readonly strict: ValidationPreset;
  /** Requires a display name, and a valid email if there is one; at most 256 KiB. */
  readonly standard: ValidationPreset;
  /** Requires a display name. */
  readonly minimal: ValidationPreset;
  /** Requires nothing. */
  readonly none: ValidationPreset;
  /** Lookups by other names are allowed, and undefined. */
  readonly [name: string]: ValidationPreset;
} = {
  strict: {
    requiredFields: ["displayName", "email"],
    validateEmail: true,
    maxDataSize: 65_536,
    maxStringLength: 1024,
  },
  standard: {
    requiredFields: ["displayName"],
    validateEmail: true,
    maxDataSize: 262_144,
  },
  minimal: { requiredFields: ["displayName"] },
  none: {},
};

const MAX_EMAIL = 254;
const PHONE = /^[+\d\s()-]{7,20}$/;

/**
 * Checks a profile against a preset (`minimal` by default) and returns every problem found. `users.update` does not do
 * this by itself. Throws `UserValidationError` if the preset is not an object, such as the name of a preset.
 *
 * @example
 * ```ts
 * import { validateUserProfile, validationPresets } from "@cortex/memory";
 * import { assertEquals } from "@std/assert";
 *
 * const { valid, errors } = validateUserProfile(
 *   { displayName: "Ada", email: "ada" },
 *   validationPresets.strict,
 * );
 * assertEquals([valid, errors], [false, ["Invalid email format"]]);
 * ```
 */
export function validateUserProfile(
  data: Record<string, unknown>,
  preset: ValidationPreset = validationPresets.minimal,
): { valid: boolean; errors: string[] } {
  if (typeof preset !== "object" || preset === null) {
    throw new UserValidationError(
      `preset must be an object, such as validationPresets.strict: ${
        current(preset)
      }`,
      INVALID_DATA_TYPE,
      "preset",
    );
  }
  if (!isRecord(data)) {
    return {
      valid: false,
      errors: [`Profile must be an object: ${got(data)}`],
    };
  }
  const errors = [
    ...(preset.requiredFields ?? []).flatMap((field) =>
      missing(field, data[field])
    ),
    ...(preset.validateEmail && data.email && !isEmail(data.email)
      ? ["Invalid email format"]
      : []),
    ...(preset.validatePhone && data.phone && !isPhone(data.phone)
      ? ["Invalid phone format"]
      : []),
    ...tooLarge(data, preset.maxDataSize),
    ...tooLong(data, preset.maxStringLength),
  ];
  const custom = preset.customValidator?.(data);
  if (custom?.valid === false) errors.push(...custom.errors);
  return { valid: errors.length === 0, errors };
}

/**
 * Builds a profile from data and defaults; members of the data take precedence unless they are undefined. Throws
 * `UserValidationError` without a display name.
 *
 * @example
 * ```ts
 * import { createUserProfile } from "@cortex/memory";
 * import { assertEquals } from "@std/assert";
 *
 * const profile = createUserProfile({ displayName: "Ada" }, { locale: "en-GB" });
 * assertEquals(profile, { displayName: "Ada", locale: "en-GB" });
 * ```
 */
export function createUserProfile(
  data: ProfileParts,
  defaults: ProfileParts = {},
): StandardUserProfile {
  const given = Object.entries(data ?? {}).filter(([, value]) =>
    value !== undefined
  );
  const profile = { ...defaults, ...Object.fromEntries(given) };
  if (!profile.displayName) {
    throw new UserValidationError(
      "displayName is required",
      "MISSING_DISPLAY_NAME",
      "displayName",
    );
  }
  return profile as StandardUserProfile;
}

function missing(field: string, value: unknown): string[] {
  if (value === undefined || value === null) {
    return [`Missing required field: ${field}`];
  }
  return typeof value === "string" && !isText(value)
    ? [`Required field cannot be empty: ${field}`]
    : [];
}

function isEmail(value: unknown): boolean {
  if (
    typeof value !== "string" || value.length > MAX_EMAIL || /\s/.test(value)
  ) return false;
  const [name, domain, ...more] = value.split("@");
  return more.length === 0 && name !== "" && domain !== undefined &&
    domain.includes(".") && !domain.startsWith(".") && !domain.endsWith(".");
}

function isPhone(value: unknown): boolean {
  return typeof value === "string" && PHONE.test(value);
}

function tooLarge(data: unknown, max: number | undefined): string[] {
  if (max === undefined) return [];
  const json = jsonOf(data);
  if (json === undefined) return ["Profile cannot be written as JSON"];
  const bytes = new TextEncoder().encode(json).length;
  return bytes > max
    ? [`Profile exceeds maximum size of ${max} bytes: it has ${bytes}`]
    : [];
}

/** The JSON of a value, with bigints, which a profile may hold, as texts; undefined for one that holds itself. */
function jsonOf(data: unknown): string | undefined {
  try {
    return JSON.stringify(
      data,
      (_name, value) => typeof value === "bigint" ? String(value) : value,
    );
  } catch {
    return undefined;
  }
}

function tooLong(
  data: Record<string, unknown>,
  max: number | undefined,
): string[] {
  if (max === undefined) return [];
  return Object.entries(data).flatMap(([field, value]) =>
    typeof value === "string" && value.length > max
      ? [`Field ${field} exceeds maximum length of ${max} characters`]
      : []
  );
}
