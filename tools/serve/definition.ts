/** What `defineApp` and `defineComponent` make, as far as it is used here. */
export interface Definition {
  /** Its name; the app has none. */
  _name?: string;
  /** Environment variables that it declares: validators by name. */
  _env?: { [name: string]: { json: unknown; isOptional: string } };
  /** Below which path the app's own HTTP actions answer. */
  _httpPrefix?: string;
  /** Components that it uses. */
  _childComponents: [
    name: string,
    imported: { componentDefinitionPath: string },
    env: { [name: string]: string | { __envVarRef: string } },
    httpPrefix?: string,
  ][];
}
