import { RefusedError } from "../problems.ts";
import type { Query } from "./query.ts";

/** Certificates of a kind: a deployment without the contract that issues them has none. */
export const certificate: Query<"certificate"> = ({ deployment }, { tokenId }) =>
  Promise.reject(
    new RefusedError(404, {
      code: "NO_CERTIFICATES",
      what: "This deployment has no certificates",
      values: { network: deployment.network, tokenId },
      hint: "Deploy a version that issues them.",
    }),
  );
