import type { HardhatPlugin } from "hardhat/types/plugins";

interface Exception {
  readonly errorCode: string;
  readonly testsOnly: boolean;
}

/** The compiler warnings that may stay warnings. Keep it short, with the reason beside each. */
const EXCEPTIONS: readonly Exception[] = [
  // Code or init code above the size limit: the network refuses the deployment, and harnesses may exceed it.
  { errorCode: "5574", testsOnly: false },
  { errorCode: "3860", testsOnly: false },
  // "Can be restricted to view or pure": a test's mutability says nothing.
  { errorCode: "2018", testsOnly: true },
];

/** Makes the compiler's warnings about the project's own sources fail the build: Hardhat has no setting for it. */
export const warningsAsErrors: HardhatPlugin = {
  id: "joulework-warnings-as-errors",
  hookHandlers: {
    solidity: () =>
      Promise.resolve({
        default: () =>
          Promise.resolve({
            invokeSolc: async (context, compiler, input, config, next) => {
              const output = await next(context, compiler, input, config);
              // Coverage rewrites the sources, so its warnings are not about what we wrote.
              if (context.globalOptions.coverage) return output;
              // A dependency's warnings are its authors' to mend; here they would hide ours.
              output.errors = (output.errors ?? []).filter(
                ({ severity, formattedMessage }) =>
                  severity !== "warning" || formattedMessage?.includes("--> project/") !== false,
              );
              for (const error of output.errors) {
                const text = error.formattedMessage ?? "";
                const isOurs = error.severity === "warning" && text.includes("--> project/");
                const isTest = /--> project\/\S+\.t\.sol/.test(text);
                const isException = EXCEPTIONS.some(
                  ({ errorCode, testsOnly }) => errorCode === error.errorCode && (isTest || !testsOnly),
                );
                if (!isOurs || isException) continue;
                error.severity = "error";
                error.type = "WarningAsError";
              }
              return output;
            },
          }),
      }),
  },
};
