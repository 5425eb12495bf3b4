import { JouleworkError } from "../errors.ts";
import type { ExchangeEvent } from "../chain/exchange.ts";
import { METER_STATUS_CODES } from "../market/codes.ts";
import type { RegisterReading } from "../market/messages.ts";
import { NEUTRAL_RELIABILITY } from "../market/meterWord.ts";
import {
  FAULT_CODES,
  faultCut,
  faultHash,
  isImpossible,
  isPunishable,
  tradeWithEachOther,
  type FaultName,
} from "../market/penalties.ts";
import { decodeReadings } from "../market/readings.ts";
import { readingSigner } from "../market/sign.ts";
import { slotOf as slotAt } from "../units.ts";
import { bytesArg, numberArg } from "./calls.ts";
import { expectCharges, takeCall, takeWord, type Run } from "./run.ts";
import { addTo, meterOf, NO_CHARGES, siteOf, zoneOf, type MeterEntry } from "./state.ts";
import { mismatch } from "./mismatch.ts";
import type { AuditCall } from "./types.ts";

const VERB = { equivocation: "reportEquivocation", impossible: "reportImpossible" } as const;
const MOST_FAULTS = 2 ** 16 - 1;

interface FoundReading extends RegisterReading {
  readonly signer: string;
}

/** A meter's fault: its proof is checked again, the cut follows from bond and rated power, and its money is followed. */
export function penalised(run: Run, { args }: ExchangeEvent<"Penalised">): void {
  const { meter, slot, kind, cutTicks, rewardTicks, reporter } = args;
  const { state, findings, tx } = run;
  const place = { meter, slot, site: args.site };
  const entry = meterOf(state, meter);
  const site = siteOf(state, entry.site);
  const fault = nameOf(kind);
  findings.expect("penalties", place, "site of the meter", entry.site, args.site);
  findings.expect("penalties", place, "punished in time", true, isPunishable(slot, slotAt(tx.transaction.timestamp)));
  const hash = faultHash(fault, meter, slot);
  findings.expect("penalties", place, "punished for the first time", true, !state.punished.has(hash));
  state.punished.add(hash);
  checkProof(run, fault, place, entry, reporter);

  const { powerClass } = entry.word;
  const cut = faultCut(zoneOf(state, site.zone).limits, { kind: entry.kind, powerClass }, site.bondTicks);
  findings.expect("penalties", place, "cut of the bond", cut.cutTicks, cutTicks);
  findings.expect("penalties", place, "reward of the reporter", cut.rewardTicks, rewardTicks);
  findings.add("penalties", "faults", 1);
  findings.add("penalties", "cutTicks", cutTicks);
  findings.add("penalties", "rewardTicks", rewardTicks);
  site.bondTicks -= cutTicks;
  site.faults = Math.min(MOST_FAULTS, site.faults + 1);
  addTo(state.earnedTicks, reporter, rewardTicks);
  expectCharges(run, site.zone, slot, { ...NO_CHARGES, season: cutTicks - rewardTicks });

  for (const other of site.meters) {
    const { word } = meterOf(state, other);
    meterOf(state, other).word = { ...word, tier: 0, reliability: other === meter ? 0 : word.reliability };
  }
  tx.mustSync.push(...site.meters);
}

export function selfTrade(run: Run, { args }: ExchangeEvent<"SelfTrade">): void {
  const { site, slot, meterA, meterB } = args;
  const { findings, state } = run;
  const [a, b] = [meterOf(state, meterA), meterOf(state, meterB)];
  const place = { site, slot, meter: meterA };
  findings.expect("penalties", place, "sites of both meters", `${site} ${site}`, `${a.site} ${b.site}`);
  findings.expect("penalties", place, "positions on opposite sides", true, tradeWithEachOther(a.word, b.word, slot));
  const above = Math.max(a.word.reliability, b.word.reliability) > NEUTRAL_RELIABILITY;
  findings.expect("penalties", place, "a reliability above neutral", true, above);
  findings.add("penalties", "selfTrades", 1);
  takeWord(run, "penalties", place, a, lowered(a), args.wordA);
  takeWord(run, "penalties", { ...place, meter: meterB }, b, lowered(b), args.wordB);
}

/** The readings of the call, once more: who signed them, and what they contradict. */
function checkProof(
  run: Run,
  fault: FaultName,
  place: { readonly meter: string; readonly slot: number },
  entry: MeterEntry,
  reporter: string,
): void {
  const { findings, state } = run;
  const call = takeCall(run, VERB[fault]);
  if (call === undefined) {
    findings.fail("penalties", place, "calldata of the proof", `a call of ${VERB[fault]}`, "none found");
    return;
  }
  findings.expect("penalties", place, "reporter", call.caller, reporter);
  const { zone } = siteOf(state, entry.site);
  findings.expect("penalties", place, "zone of the proof", zone, numberArg(call, "zone"));
  findings.expect("penalties", place, "slot of the proof", numberArg(call, "slot"), place.slot);
  const readings = readingsOf(run, call, place);
  for (const { signer } of readings) findings.expect("penalties", place, "signer of the proof", place.meter, signer);
  const [first, second] = readings;
  if (first === undefined) return;
  if (fault === "impossible") {
    const storage = entry.word.flags.storage ? entry.storage : undefined;
    findings.expect("penalties", place, "impossible reading", true, isImpossible(entry.word, first, storage));
    findings.expect("penalties", place, "reading of a retired meter", false, isRetired(entry));
    return;
  }
  const differ = second !== undefined && (first.importWh !== second.importWh || first.exportWh !== second.exportWh);
  findings.expect("penalties", place, "readings that contradict each other", true, differ);
  const liable = !isRetired(entry) || place.slot <= entry.word.lastSlot;
  findings.expect("penalties", place, "slot that the meter is liable for", true, liable);
}

function readingsOf(
  run: Run,
  call: AuditCall,
  place: { readonly meter: string; readonly slot: number },
): FoundReading[] {
  const names = call.name === VERB.equivocation ? ["readingA", "readingB"] : ["reading"];
  const [zone, slot] = [numberArg(call, "zone"), numberArg(call, "slot")];
  try {
    return names.flatMap((name) =>
      decodeReadings(bytesArg(call, name)).map(({ importWh, exportWh, signature }) => {
        const reading = { zone, slot, importWh, exportWh };
        return { ...reading, signer: readingSigner(run.domain, reading, signature) };
      }),
    );
  } catch (error) {
    if (!(error instanceof JouleworkError)) throw error;
    run.findings.fail("penalties", place, "calldata of the proof", "readings that the exchange accepts", error.message);
    return [];
  }
}

function lowered({ word }: MeterEntry): MeterEntry["word"] {
  return { ...word, reliability: Math.min(word.reliability, NEUTRAL_RELIABILITY) };
}

function isRetired({ status }: MeterEntry): boolean {
  return status === METER_STATUS_CODES.retired;
}

function nameOf(kind: number): FaultName {
  for (const name of Object.keys(FAULT_CODES) as FaultName[]) if (FAULT_CODES[name] === kind) return name;
  return mismatch("The fault's kind is unknown", { kind });
}
