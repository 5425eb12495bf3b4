import { ZeroAddress } from "ethers";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import { accountField, parseInput, siteField } from "./support/parseInput.ts";
import { runTask } from "./support/runTask.ts";
import { openSession, type Session } from "./support/session.ts";

/** Sites in one transaction: 16 meters each would still fit. */
const SITES_AT_ONCE = 10;
const schema = z.object({ site: z.literal(0).or(siteField), as: accountField });

interface SyncArguments {
  readonly site: number;
  readonly as: string;
  readonly deployment: string;
}

export default function syncAction(input: SyncArguments, hre: HardhatRuntimeEnvironment): Promise<void> {
  return runTask(async () => {
    const { site, as } = parseInput(schema, input);
    const session = await openSession(hre, input.deployment);
    const reputation = session.contract("Reputation");
    const sites = site === 0 ? await allSites(session) : [site];
    if (site !== 0) {
      await session.send(as, reputation.encode("sync", [site]), reputation.address);
    } else {
      for (let from = 0; from < sites.length; from += SITES_AT_ONCE) {
        const part = sites.slice(from, from + SITES_AT_ONCE);
        await session.send(as, reputation.encode("syncMany", [part]), reputation.address);
      }
    }
    const held = await session.exchange.rpc.all(sites.map((each) => reputation.request("reputationOf", [each])));
    for (const [place, each] of sites.entries()) {
      const { scorePpm = 0, tier = 0 } = held[place] ?? {};
      console.log(`Site ${String(each)}: score ${(scorePpm / 1_000_000).toFixed(6)}, tier ${String(tier)}`);
    }
  });
}

/** Sites are numbered from 1 on without a gap. */
async function allSites({ exchange }: Session): Promise<number[]> {
  const sites: number[] = [];
  for (;;) {
    const part = Array.from({ length: 50 }, (_, index) => sites.length + index + 1);
    const found = await exchange.rpc.all(part.map((site) => exchange.contract.request("siteInfo", [site])));
    const known = found.findIndex(({ owner }) => owner === ZeroAddress);
    sites.push(...(known < 0 ? part : part.slice(0, known)));
    if (known >= 0) return sites;
  }
}
