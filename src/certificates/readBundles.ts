import { blockCall } from "../chain/calls.ts";
import { slotOf } from "../units.ts";
import { certificateBundle, type CertificateBundle } from "./bundle.ts";
import type { CertificatesLink } from "./certificatesLink.ts";
import { readHoldings } from "./holdings.ts";
import { readLotIssues } from "./lotIssues.ts";

/** The bundles of a holder, or of everybody, in the order of holders and token ids. */
export async function readBundles(link: CertificatesLink, holder?: string): Promise<CertificateBundle[]> {
  const { exchange, contract } = link;
  const { rpc, deployment } = exchange;
  const slot = slotOf((await rpc.call(blockCall("latest")))?.timestamp ?? 0);
  const held = [...(await readHoldings(link))]
    .filter(([account]) => holder === undefined || account === holder)
    .flatMap(([account, holdings]) => holdings.map((one) => ({ ...one, holder: account })));
  const lots = await rpc.all(held.map(({ certificate }) => contract.request("lotInfo", [certificate])));
  const ends = await rpc.all(held.map(({ certificate }) => contract.request("expiresAfter", [certificate])));
  const issues = await readLotIssues(link);
  return held.map((one, index) =>
    certificateBundle({
      ...one,
      chainId: deployment.chainId,
      contract: contract.address,
      expiresAfter: Number(ends[index] ?? 0n),
      suspendedThrough: lots[index]?.suspendedThrough ?? 0,
      slot,
      issues: issues.get(one.certificate) ?? { issuedAt: 0, devices: [] },
    }),
  );
}
