/** References to the functions of a component, as `components.name` of the generated `api` gives them. */
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
