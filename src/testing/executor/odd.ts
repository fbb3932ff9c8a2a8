/** Values and errors that throw when they are read, or that contain themselves; made anew by each call. */

const throws = () => {
  throw new Error("not to be read");
};

/** Values that cannot be cloned because reading them throws, by the path that throws. */
export const ODD_VALUES: { readonly [path: string]: () => unknown } = {
  ".list[1].x": () => ({
    list: [1, {
      get x() {
        return throws();
      },
    }],
  }),
  ".keys": () => ({ keys: new Proxy({ a: 1 }, { ownKeys: throws }) }),
  "": () => new Proxy({ a: 1 }, { getPrototypeOf: throws }),
  ".a.b": () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return { a: { b: proxy } };
  },
};

/** Errors, and a function, that are hard to read. */
export const ODD_ERRORS: { readonly [name: string]: () => unknown } = {
  getters: () => {
    const error = new Error("getters");
    for (const key of ["name", "stack", "cause", "constructor", "errors"]) {
      Object.defineProperty(error, key, { get: throws });
    }
    return error;
  },
  get: () => new Proxy(new Error("get"), { get: throws }),
  getPrototypeOf: () =>
    new Proxy(new Error("prototype"), { getPrototypeOf: throws }),
  ownKeys: () => new Proxy(new Error("keys"), { ownKeys: throws }),
  namedBySymbol: () =>
    Object.defineProperty(() => {}, "name", { value: Symbol("name") }),
  frozen: () => Object.freeze(new Error("frozen")),
  self: () => {
    const error = new AggregateError([new TypeError("other")], "self");
    error.errors.push(error, error, error);
    error.cause = error;
    return error;
  },
  // 3^16 paths lead to the innermost object.
  wide: () => {
    let error = new Error("innermost");
    for (let at = 0; at < 16; at++) {
      error = new AggregateError([error, error, error], `wide ${at}`);
    }
    return error;
  },
};
