import { mkdtemp, mkdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { expect } from "chai";
import { JouleworkError } from "../../src/errors.ts";
import { readCorpus, readDefaultCorpus, splitCorpus } from "../../src/training/corpus.ts";

async function codeOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error instanceof JouleworkError ? error.code : String(error);
}

describe("training: text", () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "joulework-corpus-"));
  });

  afterEach(() => rm(folder, { recursive: true }));

  it("is a file's bytes as they are", async () => {
    const file = join(folder, "a.txt");
    await writeFile(file, Uint8Array.of(0, 255, 10, 13));
    expect((await readCorpus(file)).bytes).to.deep.equal(Uint8Array.of(0, 255, 10, 13));
  });

  it("is a directory's files in the order of their names, without hidden ones and folders", async () => {
    await writeFile(join(folder, "b.txt"), "second");
    await writeFile(join(folder, "a.txt"), "first ");
    await writeFile(join(folder, ".hidden"), "no");
    await mkdir(join(folder, "c"));
    const { bytes, files } = await readCorpus(folder);
    expect(new TextDecoder().decode(bytes)).to.equal("first second");
    expect(files.map((file) => basename(file))).to.deep.equal(["a.txt", "b.txt"]);
  });

  it("is refused where it is missing, empty, too short or no file", async () => {
    const file = join(folder, "a.txt");
    expect(await codeOf(readCorpus(file))).to.equal("CORPUS_MISSING");
    expect(await codeOf(readCorpus(folder))).to.equal("CORPUS_EMPTY");
    await writeFile(file, "");
    expect(await codeOf(readCorpus(file))).to.equal("CORPUS_EMPTY");
    await writeFile(file, "12345678");
    expect(await codeOf(readCorpus(file, { context: 8 }))).to.equal("CORPUS_TOO_SHORT");
    expect((await readCorpus(file, { context: 7 })).bytes).to.have.length(8);
    expect(await codeOf(readCorpus("/dev/null"))).to.equal("CORPUS_NOT_A_FILE");
  });

  it("is the project's own documents where none is given", async () => {
    const { bytes, files } = await readDefaultCorpus();
    expect(new TextDecoder().decode(bytes)).to.include("# Joulework").and.include("# Development");
    expect(files.every((file) => file.endsWith(".md"))).to.be.true;
  });

  it("keeps its last tenth for measuring", () => {
    const { training, heldOut } = splitCorpus(Uint8Array.from({ length: 25 }, (_, index) => index));
    expect([...training, ...heldOut]).to.deep.equal(Array.from({ length: 25 }, (_, index) => index));
    expect([...heldOut]).to.deep.equal([23, 24]);
  });
});
