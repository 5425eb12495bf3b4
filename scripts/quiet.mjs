// Preloaded by the npm scripts (`node --import`). It drops the two "experimental" warnings that the project knowingly
// accepts, node:sqlite and the stripping of types. Every other warning is still shown.
const ACCEPTED = [/^SQLite is an experimental feature/, /^Type Stripping is an experimental feature/];

const emitWarning = process.emitWarning.bind(process);

process.emitWarning = (warning, ...rest) => {
  const text = typeof warning === "string" ? warning : warning.message;
  if (ACCEPTED.some((pattern) => pattern.test(text))) return;
  emitWarning(warning, ...rest);
};
