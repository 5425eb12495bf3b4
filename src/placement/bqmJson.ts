import type { Qubo } from "./qubo.ts";

/** What D-Wave's dimod writes with `BinaryQuadraticModel.to_serializable()` and reads with `from_serializable()`. */
export interface BqmDocument {
  readonly type: "BinaryQuadraticModel";
  readonly version: { readonly bqm_schema: "3.0.0" };
  readonly use_bytes: false;
  readonly index_type: "int64";
  readonly bias_type: "float64";
  readonly num_variables: number;
  readonly num_interactions: number;
  readonly variable_labels: readonly string[];
  readonly variable_type: "BINARY";
  readonly offset: number;
  readonly info: Readonly<Record<string, never>>;
  readonly linear_biases: readonly number[];
  readonly quadratic_biases: readonly number[];
  readonly quadratic_head: readonly number[];
  readonly quadratic_tail: readonly number[];
}

/** The QUBO as a binary quadratic model of dimod's JSON schema 3.0.0. */
export function bqmDocument({ labels, linear, quadratic, offset }: Qubo): BqmDocument {
  const sorted = [...quadratic].sort((one, other) => one.i - other.i || one.j - other.j);
  return {
    type: "BinaryQuadraticModel",
    version: { bqm_schema: "3.0.0" },
    use_bytes: false,
    index_type: "int64",
    bias_type: "float64",
    num_variables: linear.length,
    num_interactions: sorted.length,
    variable_labels: labels,
    variable_type: "BINARY",
    offset,
    info: {},
    linear_biases: [...linear],
    quadratic_biases: sorted.map(({ value }) => value),
    quadratic_head: sorted.map(({ i }) => i),
    quadratic_tail: sorted.map(({ j }) => j),
  };
}
