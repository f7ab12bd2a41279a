// What the licences of bundled packages ask to be told.
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

/** The licence texts of the packages whose code is in bundled files. */
export function noticesOf(output) {
  const modules = output.flatMap((file) => (file.type === "chunk" ? file.moduleIds : []));
  const folders = new Set(modules.map(packageFolder).filter((folder) => folder !== undefined));
  return [...folders]
    .sort((left, right) => (left < right ? -1 : 1))
    .map(noticeOf)
    .join(`\n${"-".repeat(80)}\n\n`);
}

function packageFolder(module) {
  const at = module.lastIndexOf("node_modules/");
  if (at < 0) return undefined;
  const names = module.slice(at + "node_modules/".length).split("/");
  return module.slice(0, at) + path.join("node_modules", ...names.slice(0, names[0].startsWith("@") ? 2 : 1));
}

function noticeOf(folder) {
  const { name, version, license } = JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8"));
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|notice|copying)/i.test(file));
  const texts = files.map((file) => readFileSync(path.join(folder, file), "utf8").trim());
  return [`${name} ${version} (${license})`, ...texts, ""].join("\n\n");
}
