import cliProgress from "cli-progress";

const LINE_EVERY = 25;
const MICRO = 1e6;

export interface TrainProgress {
  readonly advance: (step: number, loss: number) => void;
  readonly finish: () => void;
}

/** A bar on a terminal, plain lines elsewhere. */
export function createTrainProgress(steps: number): TrainProgress {
  if (!process.stdout.isTTY) {
    return {
      advance: (step, loss) => {
        if ((step + 1) % LINE_EVERY === 0) console.log(`  step ${String(step + 1)}: loss ${loss.toFixed(3)}`);
      },
      finish: () => undefined,
    };
  }
  const format = "  {bar} {value}/{total} steps, loss {loss}, {eta_formatted} left";
  const bar = new cliProgress.SingleBar({ format, barsize: 40, hideCursor: true });
  bar.start(steps, 0, { loss: "-" });
  return {
    advance: (step, loss) => {
      bar.update(step + 1, { loss: loss.toFixed(3) });
    },
    finish: () => {
      bar.stop();
    },
  };
}

/** Mean of a sum of micro-nats over bytes. */
export function nats(microNats: bigint, bytes: number): string {
  return (Number(microNats) / MICRO / bytes).toFixed(3);
}

/** Quoted, with everything that a terminal would act on or cannot show as a dot. */
export function printable(sample: Uint8Array): string {
  const text = [...sample].map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : dotOrLine(byte)));
  return `"${text.join("")}"`;
}

function dotOrLine(byte: number): string {
  return byte === 0x0a ? "\\n" : ".";
}
