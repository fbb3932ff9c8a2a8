/** Texts that go with the package: the README, and the pages that it leads to. */
export const documents: readonly string[] = [
  "README.md",
  "LICENSE",
  "CHANGELOG.md",
  "src/engine/README.md",
  "src/executor/README.md",
];
