import type { Parameters } from "../../parameters.ts";
import { STATE_LAYOUT } from "../../federated/stateLayout.ts";
import type { TapeBuilder } from "../tapeBuilder.ts";
import type { StateTensors } from "./measurementTypes.ts";

export interface StateWordsParameters {
  readonly builder: TapeBuilder;
  readonly parameters: Parameters;
  /** The byte string that holds the state. */
  readonly string: number;
  /** How many there are. */
  readonly strings: number;
  /** Before the names of the operations. */
  readonly prefix: string;
}

/** Length of a state's bytes. */
export function stateBytes({ count }: Parameters): number {
  return STATE_LAYOUT.headerBytes + 8 * count;
}

/** Names of the tensors of a state: weights, then momentum. */
export function vectorNames({ all }: Parameters): string[] {
  return ["weights", "momentum"].flatMap((kind) => all.map(({ name }) => `${kind}.${name}`));
}

/** Weights and momentum read from a state's bytes. */
export function stateWords({ builder, parameters, string, strings, prefix }: StateWordsParameters): StateTensors {
  const { all, count } = parameters;
  const vector = (kind: string, from: number): number[] =>
    all.map(({ name, offset, rows, columns }) => {
      const first = STATE_LAYOUT.headerBytes + 4 * (from + offset);
      const place = { tensor: string, offset: first, strides: [0, 0, 0, 4] as const };
      const sizes = [1, 1, 1, rows * columns] as const;
      return builder.strings(`${prefix}${kind}.${name}`, "word", sizes, place, [strings, stateBytes(parameters)]);
    });
  return { weights: vector("weights", 0), momentum: vector("momentum", count) };
}
