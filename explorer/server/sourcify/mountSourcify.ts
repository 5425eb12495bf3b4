import { randomUUID } from "node:crypto";
import type { Context, Hono } from "hono";
import type { ServerContext } from "../context.ts";
import { localPagesMayRead } from "../security.ts";
import { contractFields, unknownField, type FieldChoice } from "./contractFields.ts";
import { sourceAt } from "./sourceAt.ts";
import { verifiedContract, type VerifiedContract } from "./verifiedContract.ts";

/**
 * Sourcify's look-up of verified contracts for those of the deployment: `/sourcify/v2/contract/...` as its servers answer
 * it, and `/sourcify/contracts/full_match/...` as its repository is laid out. Nothing can be submitted.
 */
export function mountSourcify(app: Hono, context: ServerContext): void {
  const inFolder = async (folder: string, chainId: string, address: string): Promise<VerifiedContract | undefined> => {
    const contract = await verifiedContract(context, chainId, address);
    return contract?.exact === (folder === "full_match") ? contract : undefined;
  };

  app.use("/sourcify/*", localPagesMayRead());

  app.get("/sourcify/v2/contract/:chainId/:address", async (request) => {
    const { chainId, address } = request.req.param();
    const choice = choiceOf(request.req.query("fields"), request.req.query("omit"));
    if (typeof choice === "string") {
      return request.json({ customCode: "invalid_parameter", message: choice, errorId: randomUUID() }, 400);
    }
    const contract = await verifiedContract(context, chainId, address);
    if (contract === undefined) {
      return request.json({ match: null, creationMatch: null, runtimeMatch: null, chainId, address }, 404);
    }
    const match = contract.exact ? "exact_match" : "match";
    return request.json({
      ...(await contractFields(contract, context, choice)),
      match,
      // What a constructor was given is not compared: the code that it left is.
      creationMatch: null,
      runtimeMatch: match,
      chainId,
      address: contract.address,
      verifiedAt: new Date().toISOString(),
    });
  });

  app.get("/sourcify/contracts/:folder{full_match|partial_match}/:chainId/:address/metadata.json", async (request) => {
    const { folder, chainId, address } = request.req.param();
    const contract = await inFolder(folder, chainId, address);
    if (contract === undefined) return missing(request);
    return request.body(contract.metadata, 200, { "content-type": "application/json" });
  });

  app.get(
    "/sourcify/contracts/:folder{full_match|partial_match}/:chainId/:address/sources/:path{.+}",
    async (request) => {
      const { folder, chainId, address, path } = request.req.param();
      const contract = await inFolder(folder, chainId, address);
      const source = contract === undefined ? undefined : sourceAt(contract, path);
      return source === undefined ? missing(request) : request.text(source);
    },
  );

  app.all("/sourcify/*", missing);
}

/** Which fields the query asks for; a sentence where it is wrong. */
function choiceOf(fields: string | undefined, omit: string | undefined): FieldChoice | string {
  if (fields !== undefined && omit !== undefined) return "Give either fields or omit.";
  if (fields === "all") return { omit: [] };
  const names = (fields ?? omit ?? "").split(",").filter((name) => name !== "");
  // These are in every answer.
  const optional = names.filter((name) => !ALWAYS.has(name));
  const unknown = unknownField(optional);
  if (unknown !== undefined) return `There is no field ${unknown.slice(0, 100)}.`;
  return omit === undefined ? { fields: optional } : { omit: optional };
}

const ALWAYS = new Set(["match", "creationMatch", "runtimeMatch", "chainId", "address", "verifiedAt"]);

function missing(request: Context): Response {
  return request.json({ error: "not found" }, 404);
}
