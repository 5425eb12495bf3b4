import type { RouteName } from "../../../api/routes.ts";

/**
 * The paths of `api/routes.ts`, again: that table holds schemas, and the browser needs none of the schemas' code. A test
 * compares the two.
 */
export const ROUTE_PATHS = {
  overview: "/api/overview",
  slot: "/api/zones/{zone}/slots/{slot}",
  meter: "/api/meters/{address}",
  account: "/api/accounts/{address}",
  jobs: "/api/jobs",
  job: "/api/jobs/{job}",
  reproducibleJobs: "/api/reproducible",
  reproducibleJob: "/api/reproducible/{job}",
  certificate: "/api/certificates/{tokenId}",
  governance: "/api/governance",
  contract: "/api/contracts/{address}",
  call: "/api/contracts/{address}/call",
  block: "/api/blocks/{block}",
  transaction: "/api/transactions/{hash}",
  events: "/api/events",
  search: "/api/search",
  startAudit: "/api/audit",
  audit: "/api/audit/{id}",
} as const satisfies Record<RouteName, string>;

export type Values = Readonly<Record<string, string | number | undefined>>;

/** The address of a question. Query parameters that are undefined or empty are left out. */
export function askPath(name: RouteName, params: Values = {}, query: Values = {}): string {
  const path = ROUTE_PATHS[name].replace(/\{(\w+)\}/g, (_, part: string) => {
    const value = params[part];
    if (value === undefined) throw new RangeError(`The path of ${name} needs ${part}.`);
    return encodeURIComponent(value);
  });
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined && value !== "") search.set(key, String(value));
  }
  return search.size === 0 ? path : `${path}?${search.toString()}`;
}
