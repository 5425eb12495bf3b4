import { z } from "zod";
import { JouleworkError } from "../../../src/errors.ts";
import type { MarketDomain } from "../../../src/market/messages.ts";
import { readingSigner, type SignedReading } from "../../../src/market/sign.ts";
import { addressField, registerField, signatureField, slotField, zoneField } from "./parseInput.ts";
import { readCsvFile } from "./readInput.ts";

const whole = z.string().regex(/^\d+$/, "must be a whole number").transform(Number);
const rowSchema = z.object({
  zone: whole.pipe(zoneField),
  slot: whole.pipe(slotField),
  meter: addressField,
  importWh: whole.pipe(registerField),
  exportWh: whole.pipe(registerField),
  signature: signatureField,
});

/** The readings of a CSV file, each checked to be signed by its meter for this exchange. */
export async function readReadings(path: string, domain: MarketDomain): Promise<SignedReading[]> {
  const rows = await readCsvFile(path);
  // The first line names the columns.
  return rows.map((row, index) => checked(row, index + 2, domain));
}

function checked(row: Record<string, string>, line: number, domain: MarketDomain): SignedReading {
  const parsed = rowSchema.safeParse(row);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new JouleworkError({
      code: "READING_ROW_INVALID",
      what: `A reading is wrong (${issue?.path.join(".") ?? "row"}: ${issue?.message ?? "unreadable"})`,
      values: { line },
      hint: "The columns are zone,slot,meter,importWh,exportWh,signature; nothing was sent.",
    });
  }
  const reading = parsed.data;
  const signer = readingSigner(domain, reading, reading.signature);
  if (signer === reading.meter) return reading;
  throw new JouleworkError({
    code: "READING_SIGNER_WRONG",
    what: "The reading is not signed by its meter",
    values: { line, meter: reading.meter, signer },
    hint: "Sign these figures with the meter's device key, for this chain and exchange; nothing was sent.",
  });
}
