import { writeFile } from "node:fs/promises";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import { billCsv, billJson, computeBill, formatBill } from "../../src/billing/index.ts";
import { parseInput, siteField, slotField } from "./support/parseInput.ts";
import { runTask } from "./support/runTask.ts";
import { openSession } from "./support/session.ts";

const FORMATS = { table: formatBill, csv: billCsv, json: billJson };
const schema = z.object({
  site: siteField,
  fromSlot: slotField,
  toSlot: slotField,
  format: z.enum(["table", "csv", "json"], "must be table, csv or json"),
  out: z.string(),
});

type BillArguments = Record<"site" | "fromSlot" | "toSlot", number> & Record<"format" | "out" | "deployment", string>;

export default function billAction(input: BillArguments, hre: HardhatRuntimeEnvironment): Promise<void> {
  return runTask(async () => {
    const { site, fromSlot, toSlot, format, out } = parseInput(schema, input);
    const { exchange } = await openSession(hre, input.deployment);
    const bill = computeBill({ events: await exchange.events(), site, fromSlot, toSlot });
    const text = FORMATS[format](bill);
    if (out === "") {
      console.log(text.trimEnd());
      return;
    }
    await writeFile(out, `${text.trimEnd()}\n`);
    console.log(`Bill of site ${String(site)} written to ${out}.`);
  });
}
