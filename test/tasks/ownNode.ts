import { expect } from "chai";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readDeployment, type Deployment } from "../../src/chain/deployment.ts";
import { createRpcClient, type RpcClient } from "../../src/chain/rpc.ts";
import { startLocalNode } from "../../src/community/startLocalNode.ts";
import { SLOT_SECONDS } from "../../src/units.ts";
import { freePort } from "../explorer/support/freePort.ts";
import { hardhatAt, runVerb, taskOf } from "./commandLine.ts";
import { typedCommand } from "./typedCommand.ts";

type Input = Record<string, string | number | boolean>;

/** A node for one file of tests, the command line pointed at it, and a folder for its files. */
export interface OwnNode {
  readonly url: string;
  readonly rpc: RpcClient;
  /** Runs a verb that has to succeed; returns what it printed. */
  readonly succeeds: (verb: string, input?: Input) => Promise<string>;
  /** Runs a verb that has to fail without a stack trace; returns what it said. */
  readonly fails: (verb: string, input?: Input) => Promise<string>;
  /** Runs a command line as it is typed, which has to succeed; returns what it printed. */
  readonly types: (line: string) => Promise<string>;
  /** Where a file of this name lies. */
  readonly path: (name: string) => string;
  readonly file: (name: string, content: string) => Promise<string>;
  readonly deployment: () => Promise<Deployment>;
  /** The same node and deployments for a network with these private keys. */
  readonly withKeys: (keys: readonly string[]) => Promise<OwnNode>;
  readonly stop: () => Promise<void>;
}

export async function startOwnNode(firstSlot: number): Promise<OwnNode> {
  const port = await freePort();
  const node = await startLocalNode({ port, startsAt: firstSlot * SLOT_SECONDS });
  const folder = await mkdtemp(join(tmpdir(), "joulework-verbs-"));
  const id = `localhost-test-${String(port)}`;
  const hre = await hardhatAt(node.url);
  const directory = join(hre.config.paths.ignition, "deployments");

  // A verb that is about the chain alone takes no deployment.
  const complete = (environment: HardhatRuntimeEnvironment, verb: string, input: Input): Input =>
    taskOf(environment, verb).options.has("deployment") ? { deployment: id, ...input } : input;
  const succeedsIn = async (environment: HardhatRuntimeEnvironment, verb: string, input: Input): Promise<string> => {
    const { exitCode, out, err } = await runVerb(environment, verb, complete(environment, verb, input));
    expect(err, verb).to.equal("");
    expect(exitCode, verb).to.equal(0);
    return out;
  };
  const nodeFor = (environment: HardhatRuntimeEnvironment): OwnNode => ({
    url: node.url,
    rpc: createRpcClient({ url: node.url }),
    succeeds: (verb, input = {}) => succeedsIn(environment, verb, input),
    types(line) {
      const { verb, input } = typedCommand(environment, line);
      return succeedsIn(environment, verb, input);
    },
    async fails(verb, input = {}) {
      const { exitCode, err } = await runVerb(environment, verb, complete(environment, verb, input));
      expect(exitCode, verb).to.equal(1);
      expect(err, "no stack trace").not.to.match(/^\s+at /m);
      return err;
    },
    path: (name) => join(folder, name),
    async file(name, content) {
      const path = join(folder, name);
      await writeFile(path, content);
      return path;
    },
    deployment: () => readDeployment(id, directory),
    withKeys: async (keys) => nodeFor(await hardhatAt(node.url, keys)),
    async stop() {
      await node.stop();
      await rm(folder, { recursive: true, force: true });
      for (const suffix of ["", ".json"]) {
        await rm(join(directory, id + suffix), { recursive: true, force: true });
      }
    },
  });
  return nodeFor(hre);
}
