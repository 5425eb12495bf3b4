import type { GlobalState } from "../../federated/types.ts";
import type { KernelFunctions } from "../evaluatePrimitive.ts";
import { globalTensors } from "./measureOnTape.ts";
import type { MeasurementTape } from "./measurementTypes.ts";
import { stringsJob, type StringsJob } from "./stringsJob.ts";

/**
 * A measurement as a reproducible job whose one step it is: its end state holds the loss, and where the move leads.
 * @param strings The slice, the updates in the order of their hashes, and the selection.
 */
export function measurementJob(
  tape: MeasurementTape,
  state: GlobalState,
  strings: readonly Uint8Array[],
  functions: KernelFunctions,
): Promise<StringsJob> {
  return stringsJob({ tape, start: globalTensors(tape.parameters, state), strings, functions });
}
