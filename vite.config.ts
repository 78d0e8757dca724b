/**
 * One configuration for both uses of Vite: `vite` and `vite build` make the notebook site,
 * `vitest` runs the tests in Node and in headless Chromium. What each needs stands in host/build.
 */
import { defineConfig } from "vitest/config";
import { siteConfig } from "./host/build/site.ts";
import { testConfig } from "./host/build/tests.ts";

export default defineConfig(process.env["VITEST"] ? testConfig() : siteConfig());
