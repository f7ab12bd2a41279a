#!/usr/bin/env node
import module from "node:module";

// Node 22.8 and later keep compiled code on disk: the second run starts sooner.
(module as { readonly enableCompileCache?: () => void }).enableCompileCache?.();
await import("./main.ts");
