import { expect } from "chai";
import { EventFragment, FunctionFragment, id, Interface, keccak256, toUtf8Bytes } from "ethers";
import hre from "hardhat";
import { z } from "zod";
import { ipfsHash } from "./ipfsHash.ts";
import { deploySystem, type DeployedSystem } from "./deployedSystem.ts";

// Written from Sourcify's OpenAPI document of version 2 (services/server/src/apiv2.yaml of its repository).
const address = z.string().regex(/^0x[a-fA-F0-9]{40}$/);
const status = z.enum(["match", "exact_match"]).nullable();
const minimal = z.object({
  match: status,
  creationMatch: status,
  runtimeMatch: status,
  chainId: z.string().regex(/^\d+$/),
  address,
  verifiedAt: z.iso.datetime().optional(),
});
const refusal = z.strictObject({ customCode: z.string(), message: z.string(), errorId: z.uuid() });
const metadata = z.object({
  output: z.object({ abi: z.array(z.looseObject({ type: z.string() })) }),
  sources: z.record(z.string(), z.object({ keccak256: z.string() })),
  settings: z.object({ compilationTarget: z.record(z.string(), z.string()) }),
});
const withSources = minimal.extend({ sources: z.record(z.string(), z.object({ content: z.string() })) });
const signature = z.strictObject({ signature: z.string(), signatureHash32: z.string(), signatureHash4: z.string() });

describe("what other explorers look up", () => {
  let system: DeployedSystem;
  let contracts: readonly (readonly [string, string])[];
  let exchange = "";

  before(async () => {
    system = await deploySystem();
    contracts = Object.entries(system.deployment.contracts);
    exchange = system.deployment.contracts.EnergyExchange ?? "";
  });

  after(() => system.stop());

  const v2 = (at: string, query = "", chain = "31337") => system.get(`/sourcify/v2/contract/${chain}/${at}${query}`);
  const file = (folder: string, at: string, path: string) =>
    system.get(`/sourcify/contracts/${folder}/31337/${at}/${path}`);
  const metadataOf = async (at: string) => metadata.parse(await (await file("full_match", at, "metadata.json")).json());
  const codeOf = async (at: string): Promise<string> => (await system.node("eth_getCode", at, "latest")) as string;

  /** Runs something while other code is at the exchange's address. */
  async function whileCodeIs(code: string, work: () => Promise<void>): Promise<void> {
    const before = await codeOf(exchange);
    await system.node("hardhat_setCode", exchange, code);
    try {
      await work();
    } finally {
      await system.node("hardhat_setCode", exchange, before);
    }
  }

  describe("Sourcify's look-up", () => {
    it("has every contract of the deployment as an exact match", async () => {
      expect(contracts.length).to.be.greaterThan(30);
      for (const [name, at] of contracts) {
        const answer = minimal.parse(await (await v2(at.toLowerCase())).json());
        expect(answer, name).to.include({ match: "exact_match", runtimeMatch: "exact_match", creationMatch: null });
        expect(answer, name).to.include({ chainId: "31337", address: at });
      }
    });

    it("gives the metadata whose hash is in the code on chain", async () => {
      for (const [name, at] of contracts) {
        const text = await (await file("full_match", at, "metadata.json")).text();
        expect(await codeOf(at), name).to.include(`64697066735822${ipfsHash(text)}`);
        const target = Object.values(metadata.parse(JSON.parse(text)).settings.compilationTarget);
        expect(target).to.deep.equal([name]);
      }
    });

    it("gives every source that the metadata names, with the hash that it names", async () => {
      for (const [name, at] of contracts) {
        const named = (await metadataOf(at)).sources;
        const { sources } = withSources.parse(await (await v2(at, "?fields=sources")).json());
        const hashes = Object.fromEntries(
          Object.entries(sources).map(([path, { content }]) => [path, keccak256(toUtf8Bytes(content))]),
        );
        const expected = Object.fromEntries(Object.entries(named).map(([path, { keccak256: hash }]) => [path, hash]));
        expect(hashes, name).to.deep.equal(expected);
      }
    });

    it("gives sources by the names of both layouts of Sourcify's repository", async () => {
      const named = Object.entries((await metadataOf(exchange)).sources).find(([name]) => name.includes("@"));
      if (named === undefined) throw new Error("no source's path has an at sign");
      const [path, { keccak256: hash }] = named;
      const texts = [];
      for (const name of [path, path.replaceAll(/[@:]/g, "_"), encodeURIComponent(path), hash]) {
        texts.push(await (await file("full_match", exchange, `sources/${name}`)).text());
      }
      expect(new Set(texts)).to.have.length(1);
      expect(keccak256(toUtf8Bytes(texts[0] ?? ""))).to.equal(hash);
    });

    it("gives the fields that are asked for, and those of Otterscan's own question", async () => {
      const some = (await (await v2(exchange, "?fields=abi,deployment.blockNumber,compilation.name")).json()) as object;
      expect(some).to.have.all.keys([...Object.keys(minimal.shape), "abi", "deployment", "compilation"]);
      expect(some).to.have.nested.property("compilation.name", "EnergyExchange");
      expect(some).to.have.property("deployment").that.has.all.keys("blockNumber");
      const asked = (await (
        await v2(exchange, "?fields=metadata,runtimeBytecode.sourceMap,stdJsonOutput")
      ).json()) as object;
      expect(asked).to.deep.include({ runtimeBytecode: { sourceMap: null }, stdJsonOutput: null });
      expect(metadata.parse((asked as { metadata: unknown }).metadata)).to.deep.equal(await metadataOf(exchange));
    });

    it("gives all fields, or all but some", async () => {
      const all = (await (await v2(exchange, "?fields=all")).json()) as Record<string, unknown>;
      const rest = (await (
        await v2(exchange, "?omit=abi,sources,stdJsonInput,deployment.deployer")
      ).json()) as typeof all;
      expect(Object.keys(all).filter((name) => !(name in rest))).to.have.members(["abi", "sources", "stdJsonInput"]);
      expect(rest.deployment).to.have.all.keys("transactionHash", "blockNumber", "transactionIndex");
      expect(all).to.have.nested.property("runtimeBytecode.onchainBytecode", await codeOf(exchange));
    });

    it("knows the transaction that created the contract", async () => {
      const { deployment } = (await (await v2(exchange, "?fields=deployment")).json()) as {
        deployment: Record<string, string>;
      };
      const receipt = (await system.node("eth_getTransactionReceipt", deployment.transactionHash)) as Record<
        string,
        string
      >;
      expect(receipt.contractAddress).to.equal(exchange.toLowerCase());
      expect(Number(receipt.blockNumber)).to.equal(Number(deployment.blockNumber));
      expect(Number(receipt.transactionIndex)).to.equal(Number(deployment.transactionIndex));
      expect(receipt.from).to.equal(deployment.deployer?.toLowerCase());
    });

    it("lists signatures with their hashes", async () => {
      const { signatures } = z
        .object({
          signatures: z.object({
            function: z.array(signature),
            event: z.array(signature),
            error: z.array(signature),
          }),
        })
        .parse(await (await v2(exchange, "?fields=signatures")).json());
      const listed = Object.values(signatures).flat();
      expect(listed.length).to.be.greaterThan(100);
      for (const { signature: text, signatureHash32, signatureHash4 } of listed) {
        expect(signatureHash32).to.equal(id(text));
        expect(signatureHash4).to.equal(id(text).slice(0, 10));
      }
    });

    it("calls code a match, and in the partial folder alone, where only the metadata's hash differs", async () => {
      const code = await codeOf(exchange);
      const other = code.replace(/(64697066735822122)0[0-9a-f]{64}/, `$10${"ab".repeat(32)}`);
      expect(other).not.to.equal(code);
      await whileCodeIs(other, async () => {
        expect(await (await v2(exchange)).json()).to.include({ match: "match", runtimeMatch: "match" });
        expect((await file("full_match", exchange, "metadata.json")).status).to.equal(404);
        expect((await file("partial_match", exchange, "metadata.json")).status).to.equal(200);
      });
      expect((await file("partial_match", exchange, "metadata.json")).status).to.equal(404);
    });

    it("claims nothing of code that is not its sources'", async () => {
      const code = await codeOf(exchange);
      await whileCodeIs(`${code.slice(0, 200)}00${code.slice(202)}`, async () => {
        const response = await v2(exchange, "?fields=sources");
        expect(response.status).to.equal(404);
        const nothing = { match: null, creationMatch: null, runtimeMatch: null, chainId: "31337", address: exchange };
        expect(await response.json()).to.deep.equal(nothing);
        for (const folder of ["full_match", "partial_match"]) {
          expect((await file(folder, exchange, "metadata.json")).status).to.equal(404);
        }
      });
    });

    it("claims nothing where the code of a library is not its sources'", async () => {
      const at = system.deployment.contracts.Settlement ?? "";
      const code = await codeOf(at);
      await system.node("hardhat_setCode", at, `${code.slice(0, 300)}00${code.slice(302)}`);
      try {
        expect((await v2(at)).status).to.equal(404);
        expect((await v2(exchange)).status).to.equal(404);
      } finally {
        await system.node("hardhat_setCode", at, code);
      }
      expect((await v2(exchange)).status).to.equal(200);
    });

    it("claims nothing where a library is another one", async () => {
      const code = await codeOf(exchange);
      const library = (system.deployment.contracts.Settlement ?? "").slice(2).toLowerCase();
      const other = code.replaceAll(library, "be".repeat(20));
      expect(other).not.to.equal(code);
      await whileCodeIs(other, async () => {
        expect((await v2(exchange)).status).to.equal(404);
      });
    });

    it("has nothing of other chains, of accounts, and of what is no address", async () => {
      const [account = ""] = (await system.node("eth_accounts")) as string[];
      expect((await v2(exchange, "", "1")).status).to.equal(404);
      for (const at of [account, "0x12", "EnergyExchange", `${exchange}00`]) {
        expect((await v2(at)).status, at).to.equal(404);
      }
      for (const path of [
        "/sourcify/",
        "/sourcify/v2/contract",
        "/sourcify/contracts/full_match/31337",
        "/sourcify/../x",
      ]) {
        expect((await system.get(path)).status, path).to.equal(404);
      }
      expect((await file("full_match", exchange, "sources/../../../package.json")).status).to.equal(404);
    });

    it("refuses a question for fields that Sourcify does not have, or for some and not some at once", async () => {
      for (const query of [
        "?fields=secrets",
        "?fields=abi.name",
        "?fields=deployment.x",
        "?omit=x",
        "?fields=abi&omit=abi",
      ]) {
        const response = await v2(exchange, query);
        expect(response.status, query).to.equal(400);
        expect(refusal.parse(await response.json()).customCode).to.equal("invalid_parameter");
      }
    });
  });

  describe("signatures", () => {
    const lookUp = (folder: string, hash: string) => system.get(`/lookup/${folder}/${hash}`);

    it("has every function, custom error and event of the deployment's contracts", async () => {
      let errors = 0;
      for (const [name] of contracts) {
        const known = new Interface((await hre.artifacts.readArtifact(name)).abi);
        for (const fragment of known.fragments) {
          if (fragment.type === "event") {
            const { topicHash } = EventFragment.from(fragment);
            const text = await (await lookUp("topic0", topicHash.slice(2))).text();
            for (const each of text.split(";")) {
              expect(EventFragment.from(`event ${each}`).topicHash, each).to.equal(topicHash);
            }
          } else if (fragment.type === "function" || fragment.type === "error") {
            const hash = id(fragment.format("sighash")).slice(2, 10);
            const [first = ""] = (await (await lookUp("signatures", hash)).text()).split(";");
            expect(id(first).slice(2, 10), first).to.equal(hash);
            // Otterscan reads what it gets as a function.
            expect(FunctionFragment.from(`function ${first}`).selector).to.equal(`0x${hash}`);
            if (fragment.type === "error") errors += 1;
          }
        }
      }
      expect(errors).to.be.greaterThan(100);
    });

    it("decodes every log of the deployment as the compiled contracts do", async () => {
      const names = new Map(contracts.map(([name, at]) => [at.toLowerCase(), name]));
      const logs = (await system.node("eth_getLogs", { fromBlock: "0x0" })) as {
        address: string;
        topics: string[];
        data: string;
      }[];
      expect(logs.length).to.be.greaterThan(50);
      for (const log of logs) {
        const compiled = new Interface((await hre.artifacts.readArtifact(names.get(log.address) ?? "")).abi).parseLog(
          log,
        );
        const texts = (await (await lookUp("topic0", log.topics[0]?.slice(2) ?? "")).text()).split(";");
        const decoded = texts.map((text) => new Interface([`event ${text}`]).parseLog(log)?.args.toObject());
        expect(decoded).to.deep.include(compiled?.args.toObject());
      }
    });

    it("answers 404 to whatever else is asked for", async () => {
      for (const path of [
        "signatures/ffffffff",
        "signatures/0xa9059cbb",
        "signatures/A9059CBB",
        "signatures/__proto__",
        "signatures/",
        `topic0/${"f".repeat(64)}`,
        `assets/31337/${exchange}/logo.png`,
        "chains/eip155-1.json",
        "",
      ]) {
        expect((await system.get(`/lookup/${path}`)).status, path).to.equal(404);
      }
    });

    it("names the chain", async () => {
      const chain = (await (await system.get("/lookup/chains/eip155-31337.json")).json()) as object;
      expect(chain).to.deep.include({ faucets: [], nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 } });
      expect(chain).to.have.property("name", system.deployment.network);
    });
  });

  it("together tell why a transaction was refused: the raw error decoded by the verified contract's interface", async () => {
    const [, , , , , , , stranger = ""] = (await system.node("eth_accounts")) as string[];
    const known = new Interface((await metadataOf(exchange)).output.abi);
    const data = known.encodeFunctionData("pause", []);
    const transaction = { from: stranger, to: exchange, data, gas: "0x100000" };
    await system.node("eth_sendTransaction", transaction).catch(() => undefined);
    const block = (await system.node("eth_getBlockByNumber", "latest", false)) as { transactions: string[] };
    const raw = (await system.ots("ots_getTransactionError", block.transactions[0])) as string;
    const parsed = known.parseError(raw);
    expect(parsed?.name).to.equal("AccessManagedUnauthorized");
    expect(String(parsed?.args[0]).toLowerCase()).to.equal(stranger);
  });
});
