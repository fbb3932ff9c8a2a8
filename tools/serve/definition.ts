/** The part of the result of `defineApp` and `defineComponent` that is used here. */
export interface Definition {
  /** Its name; the app has none. */
  _name?: string;
  /** Environment variables that it declares: validators by name. */
  _env?: { [name: string]: { json: unknown; isOptional: string } };
  /** Path prefix of the app's own HTTP actions. */
  _httpPrefix?: string;
  /** Components that it uses. */
  _childComponents: [
    name: string,
    imported: { componentDefinitionPath: string },
    env: { [name: string]: string | { __envVarRef: string } },
    httpPrefix?: string,
  ][];
}
