/** The phases of a dispute as the contract counts them (`DisputePhase`). */
export const PHASES = [
  ...(["none", "checkpoints", "steps", "parts", "tensors", "chunks", "element", "accumulators", "term"] as const),
  ...(["providerWon", "challengerWon", "withdrawn"] as const),
] as const;

export type Phase = (typeof PHASES)[number];

/** What a player has to know of a dispute, from the contract's `disputeInfo`. */
export interface DisputeView {
  readonly phase: Phase;
  readonly providerMoves: boolean;
  /** Levels below the node in question. */
  readonly height: number;
  /** Of the node in question among those of its height. */
  readonly index: number;
  readonly checkpoint: number;
  /** After the checkpoint before. */
  readonly step: number;
  readonly operation: number;
  readonly element: number;
  /** From the element's first one. */
  readonly term: number;
}

type Numeric = Exclude<keyof DisputeView, "phase" | "providerMoves">;
export type DisputeRecord = Readonly<Record<Numeric | "phase", bigint | number>> & { readonly providerMoves: boolean };

export function readDispute(record: DisputeRecord): DisputeView {
  return {
    phase: PHASES[Number(record.phase)] ?? "none",
    providerMoves: record.providerMoves,
    height: Number(record.height),
    index: Number(record.index),
    checkpoint: Number(record.checkpoint),
    step: Number(record.step),
    operation: Number(record.operation),
    element: Number(record.element),
    term: Number(record.term),
  };
}
