// Builds web/ into dist/web: pages that ask nothing of any other host.
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

export default defineConfig({
  root: "web",
  plugins: [svelte()],
  build: {
    outDir: "../dist/web",
    emptyOutDir: true,
    target: "es2022",
    // The Content-Security-Policy of the server allows files of its own only, no inline script.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // Kilobytes. Most of them are the danger signs of six languages, which must be there before the first message.
    chunkSizeWarningLimit: 700,
  },
  // `npx vite` for working on the page, with `apollo serve` beside it. The API answers its own origin only.
  server: {
    // The medical layer lives in src/.
    fs: { allow: [".."] },
    proxy: { "/v1": { target: "http://127.0.0.1:8080", headers: { origin: "http://127.0.0.1:8080" } } },
  },
});
