import type { GlobalState } from "../../federated/types.ts";
import { layOutParameters } from "../../parameters.ts";
import { stateRoot } from "../players/jobComputation.ts";
import { splitState } from "../state.ts";

/** The tensors of a federated job's state: the weights, then the momentum, parameter by parameter. */
export function globalTensors({ model, weights, momentum }: GlobalState): Float32Array[] {
  const parameters = layOutParameters(model);
  return [...splitState(parameters, weights), ...splitState(parameters, momentum)];
}

/** The root over these tensors. */
export function movedRoot(state: GlobalState): Buffer {
  return stateRoot(globalTensors(state));
}
