import { Value } from "./events.tsx";

/** A value of any depth: plain ones in the line, nested ones as JSON. */
export function Argument({ value }: { readonly value: unknown }) {
  if (typeof value !== "object" || value === null) return <Value value={value} />;
  return (
    <pre class="argument" tabIndex={0}>
      {JSON.stringify(value, null, 2)}
    </pre>
  );
}
