import { ZeroAddress } from "ethers";
import type { CertificatesLink } from "./certificatesLink.ts";
import type { Holding } from "./planMatches.ts";

/** Certificates by holder, from the token's moves; ids in rising order. */
export async function readHoldings({ events }: Pick<CertificatesLink, "events">): Promise<Map<string, Holding[]>> {
  const held = new Map<string, Map<bigint, number>>();
  const add = (account: string, certificate: bigint, amountWh: number) => {
    if (account === ZeroAddress) return;
    const own = held.get(account) ?? new Map<bigint, number>();
    held.set(account, own.set(certificate, (own.get(certificate) ?? 0) + amountWh));
  };
  for (const { args } of await events(["Transfer"])) {
    add(args.sender, args.id, -Number(args.amount));
    add(args.receiver, args.id, Number(args.amount));
  }
  return new Map(
    [...held].map(([account, own]) => [
      account,
      [...own]
        .filter(([, amountWh]) => amountWh > 0)
        .map(([certificate, amountWh]) => ({ certificate, amountWh }))
        .sort((a, b) => (a.certificate < b.certificate ? -1 : 1)),
    ]),
  );
}
