import { SAMPLE_ACCOUNT, SAMPLE_CERTIFICATE } from "./samples/accounts.ts";
import { SAMPLE_BLOCK, SAMPLE_TRANSACTION } from "./samples/chain.ts";
import { SAMPLE_METER } from "./samples/meter.ts";
import { addressOf, ZONE } from "./samples/parts.ts";
import { SAMPLE_SLOT } from "./samples/slot.ts";

/** A path of every page with the heading that it has. */
export const SAMPLE_PATHS = [
  ["/", "Overview"],
  [`/slot/${String(ZONE)}/${String(SAMPLE_SLOT)}`, `Zone 1, slot ${String(SAMPLE_SLOT)}`],
  [`/meter/${SAMPLE_METER}`, `Meter ${SAMPLE_METER}`],
  [`/account/${SAMPLE_ACCOUNT}`, `Account ${SAMPLE_ACCOUNT}`],
  ["/jobs", "Training jobs"],
  ["/job/1", "Training job 1"],
  ["/reproducible/1", "Reproducible job 1"],
  [`/certificate/${SAMPLE_CERTIFICATE}`, `Certificate ${SAMPLE_CERTIFICATE}`],
  ["/governance", "Governance"],
  [`/contract/${addressOf("EnergyExchange")}`, "Contract EnergyExchange"],
  [`/block/${String(SAMPLE_BLOCK)}`, `Block ${String(SAMPLE_BLOCK)}`],
  [`/tx/${SAMPLE_TRANSACTION}`, `Transaction ${SAMPLE_TRANSACTION}`],
  ["/events", "Events"],
  ["/audit", "Audit"],
  ["/api", "API"],
  ["/nowhere", "No such page"],
] as const;
