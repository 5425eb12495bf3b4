import type { CallFrame } from "../../../../api/block.ts";
import { whole } from "../../format/quantities.ts";
import { AddressLink } from "../../parts/links.tsx";
import { Tag } from "../../parts/states.tsx";

/** The calls of a transaction as a tree of lists, deeper ones folded in. */
export function Trace({ trace }: { readonly trace: CallFrame }) {
  return (
    <ul class="trace">
      <Frame frame={trace} depth={0} />
    </ul>
  );
}

/** Frames from here on start folded. */
const OPEN_TO_DEPTH = 3;

function Frame({ frame, depth }: { readonly frame: CallFrame; readonly depth: number }) {
  const line = (
    <>
      <span class="call-type">{frame.type.toLowerCase()}</span>{" "}
      {frame.to === null ? "new contract" : <AddressLink address={frame.to} kind="contract" name={frame.contract} />}
      {frame.method !== null && <span class="method">.{frame.method}</span>}{" "}
      <span class="muted number">{whole(frame.gasUsed)} gas</span>
      {frame.valueWei !== "0" && <span class="muted number"> {whole(BigInt(frame.valueWei))} wei</span>}
      {frame.error !== null && (
        <>
          {" "}
          <Tag tone="bad">{frame.error}</Tag>
        </>
      )}
    </>
  );
  if (frame.calls.length === 0) return <li>{line}</li>;
  return (
    <li>
      {line}
      <details open={depth < OPEN_TO_DEPTH}>
        <summary>
          {whole(frame.calls.length)} {frame.calls.length === 1 ? "call" : "calls"}
          <span class="unseen"> of {frame.method ?? frame.type}</span>
        </summary>
        <ul>
          {frame.calls.map((call, index) => (
            <Frame key={index} frame={call} depth={depth + 1} />
          ))}
        </ul>
      </details>
    </li>
  );
}
