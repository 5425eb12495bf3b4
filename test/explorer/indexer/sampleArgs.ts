import type { AbiEntry, AbiParameter } from "../../../src/chain/abiTypes.ts";
import { encodeMeterWord, NO_FLAGS } from "../../../src/market/meterWord.ts";
import { encodeFill } from "../../../src/market/packed.ts";
import { getAddress } from "ethers";

/** Numbers up to this many bits are small in samples, and no two of an event are equal. */
const FIRST = 2;

/** The zone and slot that sampled words carry. */
export const WORD_ZONE = 701;
export const WORD_SLOT = 1_945_001;

/** A value for each argument of an event, as ethers takes it. Distinct numbers and addresses; packed words that decode. */
export function sampleArgs({ inputs = [] }: AbiEntry): unknown[] {
  let next = FIRST;
  const sample = (parameter: AbiParameter): unknown => {
    const { name, type, components = [] } = parameter;
    if (type.endsWith("[]")) return [0, 1].map(() => sample({ ...parameter, type: type.slice(0, -2) }));
    if (type === "tuple") return components.map(sample);
    next += 1;
    if (name === "fill") return encodeFill({ ...FILL, zone: WORD_ZONE, slot: WORD_SLOT });
    if (/word$/i.test(name) || /^word[AB]$/.test(name))
      return encodeMeterWord({ ...METER, zone: WORD_ZONE, lastSlot: WORD_SLOT });
    if (type === "address") return getAddress(`0x${next.toString(16).padStart(40, "a")}`);
    if (type === "bool") return true;
    if (type === "string") return `text ${next}`;
    if (type === "bytes") return `0x${next.toString(16).padStart(6, "0")}`;
    const fixed = /^bytes(\d+)$/.exec(type);
    if (fixed !== null) return `0x${next.toString(16).padStart(2 * Number(fixed[1]), "0")}`;
    return BigInt(next);
  };
  return inputs.map(sample);
}

const FILL = {
  ...{ balanceTicks: 5n, feeTicks: 6n, filledWh: 7, energyWh: 8, limitPrice: 9 },
  ...({ side: "bid", placed: false } as const),
};
const METER = {
  ...{ importWh: 10, exportWh: 11, laneEven: null, laneOdd: null, balanceTicks: 12n },
  ...{ reliability: 13, tier: 1, flags: NO_FLAGS, powerClass: 14 },
};
