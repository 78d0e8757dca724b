/**
 * Vitest: `*.node.test.ts` runs in Node, `*.browser.test.ts` in headless Chromium, `*.both.test.ts`
 * in both, which is how "the same numbers in Node and in a browser" is checked. Everything resolves
 * with the `source` condition, so tests run the TypeScript and not `dist`.
 */
import { availableParallelism } from "node:os";
import { playwright } from "@vitest/browser-playwright";
import { defaultClientConditions, defaultServerConditions } from "vite";
import type { TestProjectConfiguration, ViteUserConfig } from "vitest/config";
import { CHROMIUM, chromiumFlags, haveChromium } from "./chromium.ts";

const client = ["source", ...defaultClientConditions];
const server = ["source", ...defaultServerConditions];

/** Milliseconds after which a test hangs, however busy the machine is and however large the run. */
const HANGS = 1_200_000;

const node: TestProjectConfiguration = {
  resolve: { conditions: server },
  ssr: { resolve: { conditions: server } },
  test: {
    name: "node",
    include: ["test/**/*.node.test.ts", "test/**/*.both.test.ts"],
    environment: "node",
    pool: "forks",
    execArgv: ["--conditions=source"],
    testTimeout: HANGS,
    hookTimeout: HANGS,
  },
};

const browser: TestProjectConfiguration = {
  resolve: { conditions: client },
  optimizeDeps: { include: ["comlink", "fast-check"] },
  test: {
    name: "browser",
    include: ["test/**/*.browser.test.ts", "test/**/*.both.test.ts"],
    testTimeout: HANGS,
    hookTimeout: HANGS,
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      ui: false,
      provider: playwright({
        launchOptions: { executablePath: CHROMIUM, args: chromiumFlags },
      }),
      instances: [{ browser: "chromium" }],
    },
  },
};

export function testConfig(): ViteUserConfig {
  return {
    test: {
      // Vitest keeps a processor free for watching; nobody watches here.
      maxWorkers: availableParallelism(),
      reporters: ["default", "./test/support/plain-line.ts"],
      projects: haveChromium() ? [node, browser] : [node],
    },
  };
}
