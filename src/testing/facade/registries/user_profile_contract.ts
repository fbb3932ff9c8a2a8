/** Helpers for profiles, which need no backend. */
import {
  assert,
  assertEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import {
  createUserProfile,
  validateUserProfile,
  validationPresets,
} from "../../../cortex/users/user_profile.ts";
import { UserValidationError } from "../../../errors.ts";
import type { ContractCase } from "../../types.ts";

const { strict, standard, minimal, none } = validationPresets;
const ada = { displayName: "Ada", email: "ada@example.com", extra: { x: 1 } };

const errorsOf = (data: object, preset?: typeof minimal) =>
  validateUserProfile(data as Record<string, unknown>, preset).errors;

/** Cases of the helpers. */
export const userProfileContract: ContractCase<void>[] = [
  {
    name: "each preset accepts a conforming profile and names what is missing",
    run() {
      for (const preset of [strict, standard, minimal, none]) {
        assertEquals(validateUserProfile(ada, preset), {
          valid: true,
          errors: [],
        });
      }
      assertEquals(errorsOf({}, none), []);
      assertStringIncludes(errorsOf({})[0]!, "displayName");
      assertEquals(errorsOf({}, strict).length, 2);
      const [blank] = errorsOf({ displayName: " " }, minimal);
      assertStringIncludes(blank!, "empty");
      assertStringIncludes(blank!, "displayName");
      assertEquals(errorsOf({ displayName: null }, standard).length, 1);
    },
  },
  {
    name:
      "validateUserProfile() knows addresses, numbers and sizes, and asks the custom validator last",
    run() {
      const email = (email: unknown) =>
        errorsOf({ displayName: "A", email }, standard);
      for (const right of ["a@b.c", "ä+x@sub.example.com", "", undefined]) {
        assertEquals(email(right), [], String(right));
      }
      for (
        const wrong of [
          "a",
          "@b.c",
          "a@",
          "a@b",
          "a@.b",
          "a@b.",
          "a b@c.d",
          "a@b@c.d",
          7,
          `${"a".repeat(250)}@b.cd`,
        ]
      ) assertEquals(email(wrong), ["Invalid email format"], String(wrong));
      const phone = (phone: unknown) =>
        errorsOf({ phone }, { validatePhone: true });
      assertEquals(phone("+49 (30) 123-456"), []);
      assertEquals(phone("12"), ["Invalid phone format"]);
      assertEquals(phone(4930123456), ["Invalid phone format"]);
      const [size] = errorsOf({ a: "ä".repeat(40) }, { maxDataSize: 50 });
      assertStringIncludes(size!, "exceeds maximum size");
      const [length] = errorsOf({ bio: "xxx" }, { maxStringLength: 2 });
      assertStringIncludes(length!, "exceeds maximum length");
      assertStringIncludes(length!, "bio");
      const errors = errorsOf({}, {
        requiredFields: ["a"],
        customValidator: () => ({ valid: false, errors: ["custom"] }),
      });
      assertEquals([errors.length, errors[1]], [2, "custom"]);
    },
  },
  {
    name: "validateUserProfile() names a profile and a preset that are none",
    run() {
      assertEquals(errorsOf(null as never), [
        "Profile must be an object: got null",
      ]);
      assertEquals(errorsOf("Ada" as never, none), [
        "Profile must be an object: got a string of 3 characters",
      ]);
      for (const preset of ["strict", null, 5]) {
        const error = assertThrows(
          () => errorsOf(ada, preset as never),
          UserValidationError,
          "preset must be an object, such as validationPresets.strict: current value is",
        ) as UserValidationError;
        assertEquals([error.code, error.field], [
          "INVALID_DATA_TYPE",
          "preset",
        ]);
      }
    },
  },
  {
    name:
      "validateUserProfile() measures a profile with a bigint, and reports one that holds itself",
    run() {
      const max = { maxDataSize: 11 };
      assertEquals(errorsOf({ n: 100n }, max), []);
      assertEquals(errorsOf({ n: 1000n }, max), [
        "Profile exceeds maximum size of 11 bytes: it has 12",
      ]);
      const cycle: Record<string, unknown> = {};
      cycle.self = cycle;
      assertEquals(errorsOf(cycle, max), [
        "Profile cannot be written as JSON",
      ]);
    },
  },
  {
    name: "validateUserProfile() stays fast on hostile addresses",
    run() {
      const start = Date.now();
      for (const part of ["a", "@", ".", "a@", "@."]) {
        errorsOf({ displayName: "A", email: part.repeat(10_000) }, strict);
        errorsOf({ phone: "1".repeat(10_000) }, { validatePhone: true });
      }
      assert(Date.now() - start < 1000);
    },
  },
  {
    name: "createUserProfile() merges defaults and needs a display name",
    run() {
      assertEquals(
        createUserProfile({ displayName: "Ada" }, {
          displayName: "X",
          bio: "b",
        }),
        { displayName: "Ada", bio: "b" },
      );
      assertEquals(
        createUserProfile({ displayName: "Ada", bio: undefined }, { bio: "b" }),
        { displayName: "Ada", bio: "b" },
      );
      assertThrows(
        () => createUserProfile({ bio: "b" }),
        UserValidationError,
        "displayName is required",
      );
    },
  },
];
