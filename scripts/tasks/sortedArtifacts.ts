import type { HardhatPlugin } from "hardhat/types/plugins";

/**
 * Hardhat lists the artifacts in the order in which the file system happened to answer, and TypeChain writes its index in
 * that order: without sorting, two builds of the same contracts differ. The handlers of this hook share one list, so this
 * plugin has to come before the toolbox.
 */
export const sortedArtifacts: HardhatPlugin = {
  id: "joulework-sorted-artifacts",
  hookHandlers: {
    solidity: () =>
      Promise.resolve({
        default: () =>
          Promise.resolve({
            processArtifactsAfterSuccessfulBuild: (_context, artifactPaths) => {
              // Sorting a copy would not reach TypeChain.
              (artifactPaths as string[]).sort();
              return Promise.resolve();
            },
          }),
      }),
  },
};
