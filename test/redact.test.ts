import { expect, test } from "vitest";
import { redact } from "../src/redact.ts";

test.each([
  ["https://host/a.parquet?X-Amz-Signature=abc&x=1 failed", "https://host/a.parquet failed"],
  ["'https://user:pass@host/a#frag' and http://h/b?c", "'https://host/a' and http://h/b"],
  ["sent Bearer abc.def and hf_abcdefgh to it", "sent … and … to it"],
  ["HTTPS://HOST/x?y", "HTTPS://HOST/x"],
  ["/data/what?/file #1.parquet, a?b", "/data/what?/file #1.parquet, a?b"],
  ["HF_ENDPOINT and HF_TOKEN are variables", "HF_ENDPOINT and HF_TOKEN are variables"],
  ["org/hf_x and shelf_life_of_things", "org/hf_x and shelf_life_of_things"],
])("%s is shown as %s", (text, shown) => {
  expect(redact(text)).toBe(shown);
});
