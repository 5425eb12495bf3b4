import { toQuantity } from "ethers";
import { plainCall } from "../chain/calls.ts";
import { connectContract } from "../chain/contract.ts";
import type { RpcClient } from "../chain/rpc.ts";
import { expiresAfter, type CertificatesState } from "./certificateState.ts";
import type { Findings } from "./findings.ts";
import { CERTIFICATES_ABI, CERTIFICATE_MARKET_ABI } from "./systemAbi.ts";

/** Where certificates and their market are, as far as a deployment has them. */
export interface CertificateContracts {
  readonly certificates?: string;
  readonly offers?: string;
}

interface ReadCertificatesParameters extends CertificateContracts {
  readonly rpc: RpcClient;
  readonly block: number;
}

/** Compares lots, holders, cancellations, storage and sales on the chain with what was rebuilt. */
export async function readCertificates(
  state: CertificatesState,
  findings: Findings,
  { rpc, block, certificates, offers }: ReadCertificatesParameters,
): Promise<void> {
  if (certificates !== undefined) await readToken(state, findings, { rpc, block, address: certificates });
  if (offers !== undefined) await readSales(state, findings, { rpc, block, address: offers });
}

interface Reading {
  readonly rpc: RpcClient;
  readonly block: number;
  readonly address: string;
}

async function readToken(
  state: CertificatesState,
  findings: Findings,
  { rpc, block, address }: Reading,
): Promise<void> {
  const contract = connectContract({ rpc, abi: CERTIFICATES_ABI, address });
  const lots = [...state.lots];
  const found = await rpc.all(lots.map(([id]) => contract.request("lotInfo", [id], block)));
  for (const [index, [certificate, lot]] of lots.entries()) {
    for (const field of ["issuedWh", "cancelledWh", "suspendedThrough"] as const) {
      findings.expect("chain", { certificate }, `certificates' ${field}`, lot[field], found[index]?.[field] ?? "none");
    }
  }
  const ends = await rpc.all(lots.map(([id]) => contract.request("expiresAfter", [id], block)));
  for (const [index, [certificate]] of lots.entries()) {
    const expected = BigInt(expiresAfter(state, certificate));
    findings.expect("chain", { certificate }, "last slot of the certificates", expected, ends[index] ?? "none");
  }
  for (const [key, amount] of state.allowances) {
    const [id = "0", owner = "", spender = ""] = key.split("/");
    const allowed = await contract.read("allowance", [owner, spender, BigInt(id)], block);
    findings.expect("chain", { account: spender, certificate: BigInt(id) }, "allowance", amount, allowed);
  }
  const holdings = [...state.balances].map(([key, amount]) => ({ ...splitKey(key), amount }));
  const balances = await rpc.all(holdings.map(({ id, rest }) => contract.request("balanceOf", [rest, id], block)));
  for (const [index, { id: certificate, rest: account, amount }] of holdings.entries()) {
    findings.expect("chain", { account, certificate }, "certificates held", amount, balances[index] ?? "none");
  }
  const count = await contract.read("cancellationCount", [], block);
  findings.expect("chain", {}, "cancellations", state.cancellations.length, count);
  const numbers = state.cancellations.map((_, index) => BigInt(index + 1));
  const cancelled = await rpc.all(numbers.map((number) => contract.request("cancellationInfo", [number], block)));
  for (const [index, { beneficiary: account, certificate, amountWh, claimedWh }] of state.cancellations.entries()) {
    const held = cancelled[index];
    findings.expect("chain", { account, certificate }, "cancelled for", account, held?.beneficiary ?? "nobody");
    findings.expect("chain", { account, certificate }, "cancelled certificates", certificate, held?.id ?? "none");
    findings.expect("chain", { account, certificate }, "cancelled amount", amountWh, held?.amountWh ?? "none");
    findings.expect("chain", { account, certificate }, "claimed amount", claimedWh, held?.claimedWh ?? "none");
  }
  for (const [meter, entry] of state.stored) {
    const held = await contract.read("storedIn", [meter], block);
    for (const field of ["chargedWh", "issuedWh", "throughSlot"] as const) {
      findings.expect("chain", { meter }, `storage's ${field}`, entry[field], held[field]);
    }
  }
  for (const [key, amountWh] of state.matched) {
    const { id: job, rest: slot } = splitKey(key);
    const place = { job: Number(job), slot: Number(slot) };
    findings.expect("chain", place, "matched", amountWh, await contract.read("matchedAt", [job, Number(slot)], block));
  }
  for (const key of state.neighbours) {
    const [zone = "", neighbour = ""] = key.split("/");
    const allowed = await contract.read("isNeighbour", [Number(zone), Number(neighbour)], block);
    findings.expect("chain", { zone: Number(zone) }, `neighbour ${neighbour}`, true, allowed);
  }
  if (lots.length > 0) findings.add("chain", "certificates", lots.length);
}

async function readSales(
  state: CertificatesState,
  findings: Findings,
  { rpc, block, address }: Reading,
): Promise<void> {
  const contract = connectContract({ rpc, abi: CERTIFICATE_MARKET_ABI, address });
  for (const [offer, { soldWh }] of state.sold) {
    findings.expect("chain", {}, `sold of offer ${offer}`, soldWh, await contract.read("soldOf", [offer], block));
  }
  const sellers = [...state.contractSellers];
  const codes = await rpc.all(sellers.map((seller) => plainCall("eth_getCode", [seller, toQuantity(block)])));
  for (const [index, account] of sellers.entries()) {
    findings.expect(
      "certificates",
      { account },
      "signature of the seller or its contract",
      true,
      codes[index] !== "0x",
    );
  }
  for (const [key, amountWh] of state.bundled) {
    const [meter = "", slot = ""] = key.split("/");
    const found = await contract.read("bundledAt", [meter, Number(slot)], block);
    findings.expect("chain", { meter, slot: Number(slot) }, "sold with energy", amountWh, found);
  }
}

/** A key of the state that begins with a number. */
function splitKey(key: string): { readonly id: bigint; readonly rest: string } {
  const at = key.indexOf("/");
  return { id: BigInt(key.slice(0, at)), rest: key.slice(at + 1) };
}
