import type { SlotTotals } from "./summariseRun.ts";

/**
 * What the community's own plants and batteries supplied of all energy that was supplied in a slot, the rest being the
 * grid's; undefined where nothing flowed.
 */
export function renewableShare({
  exportWh,
  gridImportWh,
}: Pick<SlotTotals, "exportWh" | "gridImportWh">): number | undefined {
  const suppliedWh = exportWh + gridImportWh;
  return suppliedWh === 0 ? undefined : exportWh / suppliedWh;
}
