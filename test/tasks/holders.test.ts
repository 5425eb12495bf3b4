import { expect } from "chai";
import { id, Wallet } from "ethers";
import hre from "hardhat";
import { connectContract } from "../../src/chain/contract.ts";
import { contractAddress } from "../../src/chain/deployment.ts";
import { localKey } from "../../src/chain/localChain.ts";
import { ROLES } from "../../src/chain/roles.ts";
import { MANAGER_ABI } from "../../src/chain/tokenAbi.ts";
import Joulework from "../../modules/Joulework.ts";
import { HOLDERS } from "../../modules/system.ts";
import { startOwnNode, type OwnNode } from "./ownNode.ts";

const S = 1_944_960;
/** Any contract serves as payment token here: nothing is bought. */
const PAYMENT_TOKEN = "0x00000000000000000000000000000000000000c0";
const NAMED = Object.fromEntries(HOLDERS.map((holder) => [holder, new Wallet(id(`holder of ${holder}`)).address]));

describe("who holds the roles of a deployment from the command line", () => {
  let own: OwnNode;
  let oneKey: OwnNode;
  before(async () => {
    own = await startOwnNode(S);
    oneKey = await own.withKeys([localKey("deployer")]);
  });
  after(() => own.stop());

  it("is never chosen silently: each holder that is not named is listed, with how to name it", async () => {
    const refusal = await oneKey.fails("deploy", { paymentToken: PAYMENT_TOKEN });
    expect(refusal).to.match(/^Error ROLE_HOLDERS_MISSING/);
    for (const holder of HOLDERS) expect(refusal).to.include(`"${holder}":"0x..."`);
    const three = HOLDERS.filter((holder) => holder !== "grid" && holder !== "inspector");
    const named = Object.fromEntries(three.map((holder) => [holder, NAMED[holder]]));
    const parameters = await own.file("three.json", JSON.stringify(named));
    expect(await oneKey.fails("deploy", { paymentToken: PAYMENT_TOKEN, parameters })).to.match(
      /nobody is named for grid, inspector/,
    );
  });

  it("is asked for by the module as well, which has no holder of its own", async () => {
    const { ignition } = await hre.network.create();
    const parameters = { Joulework: { paymentToken: PAYMENT_TOKEN } };
    const refusal: unknown = await ignition.deploy(Joulework, { parameters }).catch((error: unknown) => error);
    for (const holder of HOLDERS) expect(String(refusal)).to.include(`'${holder}'`);
  });

  it("is not the deployer where it must not be", async () => {
    const parameters = await own.file(
      "deployer.json",
      JSON.stringify({ ...NAMED, governor: new Wallet(localKey("deployer")).address }),
    );
    expect(await oneKey.fails("deploy", { paymentToken: PAYMENT_TOKEN, parameters })).to.match(
      /^Error GOVERNOR_IS_DEPLOYER/,
    );
  });

  it("needs the node's own accounts for a local deployment", async () => {
    expect(await oneKey.fails("deploy", {})).to.match(/^Error LOCAL_ACCOUNTS_MISSING.*accounts = 1/);
  });

  it("is who the parameters name, on a network with one key", async () => {
    const parameters = await own.file("named.json", JSON.stringify(NAMED));
    await oneKey.succeeds("deploy", { paymentToken: PAYMENT_TOKEN, parameters });
    const deployment = await own.deployment();
    const address = contractAddress(deployment, "AccessManager");
    const manager = connectContract({ rpc: own.rpc, abi: MANAGER_ABI, address });
    const roles = { governor: "GOVERNOR", registrar: "REGISTRAR", grid: "GRID", guardian: "GUARDIAN" } as const;
    for (const [holder, role] of Object.entries({ ...roles, inspector: "INSPECTOR" } as const)) {
      const { isMember } = await manager.read("hasRole", [ROLES[role], NAMED[holder] ?? ""]);
      expect(isMember, holder).to.equal(true);
    }
    const deployer = new Wallet(localKey("deployer")).address;
    for (const role of Object.values(ROLES)) {
      expect((await manager.read("hasRole", [role, deployer])).isMember).to.equal(false);
    }
  });
});
