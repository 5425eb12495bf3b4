import { connectContract } from "../chain/contract.ts";
import type { RpcClient } from "../chain/rpc.ts";
import { LEASE_STATES } from "../compute/leaseStates.ts";
import type { Findings } from "./findings.ts";
import type { MarketState } from "./leaseState.ts";
import { MARKET_ABI } from "./systemAbi.ts";

/** Compares offers, leases, uses and what accounts may collect on the chain with what was rebuilt. */
export async function readLeases(
  { offers, leases, earned }: MarketState,
  findings: Findings,
  { rpc, block, market }: { readonly rpc: RpcClient; readonly block: number; readonly market: string },
): Promise<void> {
  const contract = connectContract({ rpc, abi: MARKET_ABI, address: market });
  for (const [id, { provider: account, terms, leasedAccelerators, open }] of offers) {
    const found = await contract.read("offerInfo", [BigInt(id)], block);
    const expected = { ...terms, leasedAccelerators, open };
    for (const field of Object.keys(expected) as (keyof typeof expected)[]) {
      findings.expect("chain", { account }, `offer's ${field}`, expected[field], found[field]);
    }
  }
  for (const [id, lease] of leases) {
    const place = { lease: id };
    const found = await contract.read("leaseInfo", [BigInt(id)], block);
    findings.expect("chain", place, "lease's state", lease.state, LEASE_STATES[found.state] ?? "unknown");
    findings.expect("chain", place, "lease's uses", lease.uses.length, found.uses);
    const { accelerators, price, maxImportPrice, maxScarcityPpm, site, durationSlots } = lease.request;
    const expected = { ...lease, accelerators, price, maxImportPrice, maxScarcityPpm, site, durationSlots };
    for (const field of [
      "requester",
      "accelerators",
      "durationSlots",
      "escrowTicks",
      "price",
      "maxImportPrice",
      "maxScarcityPpm",
      "site",
      "madeSlot",
      "untilSlot",
      "firstSlot",
      "endSlot",
      "lastUseSlot",
      "activeSlot",
      "pausedSlot",
      "settledUses",
      "acceptedUses",
      "zone",
      "stakeTicks",
    ] as const) {
      findings.expect("chain", place, `lease's ${field}`, expected[field], found[field]);
    }
    for (const [index, use] of lease.uses.entries()) {
      const told = await contract.read("useInfo", [BigInt(id), BigInt(index)], block);
      const where = { ...place, slot: use.slot };
      for (const field of ["slot", "payTicks", "time"] as const) {
        findings.expect("chain", where, `use's ${field}`, use[field], told[field]);
      }
    }
  }
  for (const [account, ticks] of earned) {
    findings.expect("chain", { account }, "earned of leases", ticks, await contract.read("earned", [account], block));
  }
  findings.add("chain", "leases", leases.size);
}
