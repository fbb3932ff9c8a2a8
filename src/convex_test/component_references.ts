/** References to the functions of a component, like `components.name` of the generated `api`. */
export function componentReferences(path: string): object {
  return new Proxy({}, {
    get: (_, key) =>
      typeof key === "string"
        ? componentReferences(`${path}/${key}`)
        : key === Symbol.for("toReferencePath")
        ? `_reference/childComponent/${path}`
        : undefined,
  });
}
