import { writeFile } from "node:fs/promises";
import { energyLedger, fetchLedger, ledgerCsv, readPotential, type EnergyLedger } from "../../src/ledger/index.ts";
import type { Deployment } from "../../src/chain/deployment.ts";
import { SYSTEM_ERRORS } from "../../src/chain/exchangeAbi.ts";
import { createRpcClient } from "../../src/chain/rpc.ts";

export interface EnergyOptions {
  readonly rpcUrl: string;
  readonly deployment: Deployment;
  readonly toBlock?: number;
  /** A CSV of what plants could have made. */
  readonly potential?: string;
  /** Where the balances of all slots go as CSV. */
  readonly csv?: string;
}

/** The energy ledger that `npm run audit -- --energy` and `npx hardhat audit --energy` show. */
export async function auditEnergy({ rpcUrl, potential, csv, ...chain }: EnergyOptions): Promise<EnergyLedger> {
  // A bad file is refused before the chain is read.
  const made = potential === undefined ? undefined : readPotential(potential);
  const rpc = createRpcClient({ url: rpcUrl, errors: SYSTEM_ERRORS });
  const ledger = energyLedger(await fetchLedger({ rpc, ...chain }), made);
  if (csv !== undefined) await writeFile(csv, ledgerCsv(ledger));
  return ledger;
}
