/** A block of a merit order: so much energy at such a limit. */
export interface Block {
  readonly energyWh: number;
  readonly limitPrice: number;
}

/** Supply and demand over one axis of cumulated energy, as steps that hold from their point to the next. */
export interface StepCurves {
  /** Cumulated Wh, rising. */
  readonly energyWh: readonly number[];
  /** Limit at that point, or null past the curve's end. */
  readonly supply: readonly (number | null)[];
  readonly demand: readonly (number | null)[];
}

/** The curves of offers by rising and bids by falling limit, in the order in which they are given. */
export function stepCurves(offers: readonly Block[], bids: readonly Block[]): StepCurves {
  const supply = edges(offers);
  const demand = edges(bids);
  const points = [...new Set([0, ...supply.map((edge) => edge.end), ...demand.map((edge) => edge.end)])].sort(
    (a, b) => a - b,
  );
  return {
    energyWh: points,
    supply: points.map((point) => limitAt(supply, point)),
    demand: points.map((point) => limitAt(demand, point)),
  };
}

interface Edge {
  readonly start: number;
  readonly end: number;
  readonly limitPrice: number;
}

function edges(blocks: readonly Block[]): Edge[] {
  let start = 0;
  return blocks
    .filter((block) => block.energyWh > 0)
    .map((block) => {
      const edge = { start, end: start + block.energyWh, limitPrice: block.limitPrice };
      start = edge.end;
      return edge;
    });
}

/** The limit that holds to the right of `point`; at the curve's end that of its last block, so that the line gets there. */
function limitAt(curve: readonly Edge[], point: number): number | null {
  const here = curve.find((edge) => edge.start <= point && point < edge.end);
  const last = curve.at(-1);
  return here?.limitPrice ?? (last?.end === point ? last.limitPrice : null);
}
