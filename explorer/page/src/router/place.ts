/** What a path of the page shows. Paths are what people bookmark: they change only with a redirect of the old one. */
export type Place =
  | { readonly page: "overview" | "jobs" | "governance" | "events" | "audit" | "api" }
  | { readonly page: "slot"; readonly zone: number; readonly slot: number }
  | { readonly page: "meter" | "account" | "contract"; readonly address: string }
  | { readonly page: "job" | "reproducible"; readonly job: number }
  | { readonly page: "certificate"; readonly tokenId: string }
  | { readonly page: "block"; readonly block: string }
  | { readonly page: "transaction"; readonly hash: string }
  | { readonly page: "unknown" };

const PLAIN: Readonly<Record<string, Place>> = {
  "/": { page: "overview" },
  "/jobs": { page: "jobs" },
  "/governance": { page: "governance" },
  "/events": { page: "events" },
  "/audit": { page: "audit" },
  "/api": { page: "api" },
};

const ADDRESS = "(0x[0-9a-fA-F]{40})";
const NUMBER = "(\\d{1,15})";

const WITH_PARTS: readonly (readonly [RegExp, (...parts: string[]) => Place])[] = [
  [path(`/slot/${NUMBER}/${NUMBER}`), (zone, slot) => ({ page: "slot", zone: Number(zone), slot: Number(slot) })],
  [path(`/meter/${ADDRESS}`), (address = "") => ({ page: "meter", address })],
  [path(`/account/${ADDRESS}`), (address = "") => ({ page: "account", address })],
  [path(`/contract/${ADDRESS}`), (address = "") => ({ page: "contract", address })],
  [path(`/job/${NUMBER}`), (job) => ({ page: "job", job: Number(job) })],
  [path(`/reproducible/${NUMBER}`), (job) => ({ page: "reproducible", job: Number(job) })],
  [path("/certificate/(\\d{1,78})"), (tokenId = "") => ({ page: "certificate", tokenId })],
  [path("/block/(\\d{1,15}|0x[0-9a-fA-F]{64})"), (block = "") => ({ page: "block", block })],
  [path("/tx/(0x[0-9a-fA-F]{64})"), (hash = "") => ({ page: "transaction", hash: hash.toLowerCase() })],
];

function path(pattern: string): RegExp {
  return new RegExp(`^${pattern}/?$`);
}

/** What `pathname` shows; `unknown` where no page has such a path. */
export function placeOf(pathname: string): Place {
  const plain = PLAIN[pathname];
  if (plain !== undefined) return plain;
  for (const [pattern, make] of WITH_PARTS) {
    const found = pattern.exec(pathname);
    if (found !== null) return make(...found.slice(1));
  }
  return { page: "unknown" };
}
