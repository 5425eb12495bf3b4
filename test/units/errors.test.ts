import { expect } from "chai";
import { readFile } from "node:fs/promises";
import { formatForUser, JouleworkError } from "../../src/errors.ts";

async function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe("JouleworkError", () => {
  it("says what happened, with which values, and what to do next", () => {
    const error = new JouleworkError({
      code: "ORDER_EXPIRED",
      what: "The order is for a slot that is over",
      values: { slot: 12, meter: "0xabc", amountTicks: 5n },
      hint: "Sign an order for a later slot.",
    });
    expect(error.message).to.equal(
      'The order is for a slot that is over: slot = 12, meter = "0xabc", amountTicks = 5. Sign an order for a later slot.',
    );
    expect(error).to.be.instanceOf(Error);
    expect(error.name).to.equal("JouleworkError");
    expect(error.code).to.equal("ORDER_EXPIRED");
    expect(error.values).to.deep.equal({ slot: 12, meter: "0xabc", amountTicks: 5n });
    expect(error.hint).to.equal("Sign an order for a later slot.");
  });

  it("leaves the list of values out when there is none", () => {
    const error = new JouleworkError({ code: "NO_NODE", what: "No node answers", hint: "Start one." });
    expect(error.message).to.equal("No node answers. Start one.");
  });

  it("does not change when the caller's record of values does", () => {
    const values = { slot: 1 };
    const error = new JouleworkError({ code: "X", what: "What", values, hint: "Hint." });
    values.slot = 2;
    expect(error.values).to.deep.equal({ slot: 1 });
  });

  it("keeps its cause", () => {
    const cause = new Error("socket closed");
    expect(new JouleworkError({ code: "X", what: "What", hint: "Hint.", cause }).cause).to.equal(cause);
  });
});

describe("formatForUser", () => {
  it("shows a JouleworkError and the chain of its causes without any stack", () => {
    const root = new Error("connect ECONNREFUSED 127.0.0.1:8545");
    const cause = new Error("request failed", { cause: root });
    const error = new JouleworkError({ code: "NO_NODE", what: "No node answers", hint: "Start one.", cause });
    expect(formatForUser(error)).to.equal(
      "Error NO_NODE: No node answers. Start one.\n" +
        "  caused by: request failed\n" +
        "  caused by: connect ECONNREFUSED 127.0.0.1:8545",
    );
  });

  it("ends on a chain of causes that runs in a circle", () => {
    const error = new JouleworkError({ code: "X", what: "What", hint: "Hint.", cause: new Error("inner") });
    (error.cause as Error).cause = error;
    expect(formatForUser(error)).to.equal("Error X: What. Hint.\n  caused by: inner");
  });

  it("shows a cause that is no error by its content", () => {
    const causes = ["the file is empty", { status: 503 }];
    const texts = causes.map((cause) =>
      formatForUser(new JouleworkError({ code: "X", what: "What", hint: "Hint.", cause })),
    );
    expect(texts).to.deep.equal([
      "Error X: What. Hint.\n  caused by: the file is empty",
      "Error X: What. Hint.\n  caused by: { status: 503 }",
    ]);
  });

  it("shows a failed system call without a stack", async () => {
    const error = await rejectionOf(readFile("no-such-file"));
    expect(formatForUser(error)).to.equal("Error ENOENT: ENOENT: no such file or directory, open 'no-such-file'");
  });

  it("shows where an unexpected error came from, because that is a defect to report", () => {
    const text = formatForUser(new TypeError("x is undefined"));
    expect(text).to.match(/^Unexpected error: x is undefined\n\s+at .*errors\.test\.ts/);
  });

  it("shows what an aggregate gathered when it has no message of its own", () => {
    const text = formatForUser(new AggregateError([new Error("first"), "second"]));
    expect(text.split("\n")[0]).to.equal("Unexpected error: first; second");
  });

  it("shows a thrown value that is no error", () => {
    expect(formatForUser("stop")).to.equal("Unexpected error: stop");
    expect(formatForUser(undefined)).to.equal("Unexpected error: undefined");
  });
});
