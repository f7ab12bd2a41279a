import type { IncomingHttpHeaders } from "node:http";
import { HfStreamError, type HfStreamErrorCode, type HfStreamErrorDetails } from "../errors.ts";
import { retryAfter } from "./rate-limit.ts";
import { TransientError } from "./retry.ts";

/** An answer of the Hub whose status is an error, and what was asked. */
export interface FailedAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The beginning of the body. */
  readonly text: string;
  readonly url: URL;
  /** What was asked for, in the user's words: `dataset org/name`, `org/name/file`. */
  readonly subject: string;
  readonly hasToken: boolean;
}

const TRANSIENT = new Set([408, 425, 429, 500, 502, 503, 504]);
const DISABLED = "Access to this resource is disabled.";
const BAD_CREDENTIALS = "Invalid credentials in Authorization header";

/**
 * Says what an error status means: a {@link TransientError} where asking again may help, else the final error. The order
 * of the rules is that of `huggingface_hub.utils.hf_raise_for_status`.
 */
export function statusError(answer: FailedAnswer): HfStreamError | TransientError {
  const { status, headers, url } = answer;
  const waitMs = retryAfter(headers);
  const details: HfStreamErrorDetails = {
    path: answer.subject,
    url: url.origin + url.pathname,
    status,
    requestId: header(headers, "x-request-id") ?? header(headers, "x-amzn-trace-id") ?? header(headers, "x-amz-cf-id"),
    retryAfterMs: waitMs,
  };
  const said = serverMessage(answer);
  const fail = (code: HfStreamErrorCode, text: string): HfStreamError =>
    new HfStreamError(code, said === "" ? text : `${text} The Hub says: ${said}`, details);
  if (TRANSIENT.has(status)) {
    const final =
      status === 429
        ? fail("RATE_LIMITED", `The Hub limits the rate of requests (429 for ${answer.subject}).${signInHint(answer)}`)
        : fail("HUB_UNAVAILABLE", `The Hub answered ${status} for ${answer.subject}.`);
    return new TransientError(final, { waitMs });
  }
  return fail(...meaning(answer));
}

function meaning(answer: FailedAnswer): [HfStreamErrorCode, string] {
  const { status, headers, subject } = answer;
  const message = header(headers, "x-error-message") ?? bodyMessage(answer.text);
  switch (header(headers, "x-error-code")) {
    case "RevisionNotFound":
      return ["REVISION_NOT_FOUND", `${subject}: there is no such revision. Check the branch, tag or commit.`];
    case "EntryNotFound":
      return ["ENTRY_NOT_FOUND", `${subject}: there is no such file or folder.`];
    case "GatedRepo":
      return ["GATED_DATASET", gatedText(answer)];
    case "RepoNotFound":
      return ["DATASET_NOT_FOUND", missingText(answer)];
    default:
  }
  if (message === DISABLED) return ["DISABLED_DATASET", `${subject}: access is disabled by the Hub.`];
  if (message.startsWith(BAD_CREDENTIALS))
    return ["UNAUTHORIZED", `${subject}: the Hub does not accept the token. Check HF_TOKEN or the option \`token\`.`];
  if (status === 401) return ["DATASET_NOT_FOUND", missingText(answer)];
  if (status === 403) return ["UNAUTHORIZED", `${subject}: the Hub forbids it (403). Check what the token may read.`];
  if (status === 404) return ["ENTRY_NOT_FOUND", `${subject}: not found.`];
  return ["HUB_UNAVAILABLE", `The Hub answered ${status} for ${subject}.`];
}

function missingText(answer: FailedAnswer): string {
  const access = answer.hasToken
    ? "The token may not see it, if it is private."
    : "If it is private, set HF_TOKEN or the option `token`.";
  return `${answer.subject} does not exist on the Hub or cannot be accessed. Check the name. ${access}`;
}

function gatedText({ subject, url, hasToken }: FailedAnswer): string {
  return hasToken
    ? `${subject} is gated, and the token's user has no access: ask for it on the dataset's page at ${url.origin}.`
    : `${subject} is gated: ask for access on its page at ${url.origin}, then set HF_TOKEN or the option \`token\`.`;
}

function signInHint({ hasToken }: FailedAnswer): string {
  return hasToken ? "" : " A token (HF_TOKEN) raises the limit.";
}

function serverMessage({ status, headers, text, url }: FailedAnswer): string {
  if (status === 401) return ""; // "Invalid username or password", whether or not any was given
  const said = header(headers, "x-error-message") ?? bodyMessage(text);
  return said.replaceAll(url.search || "\0", "").slice(0, 300);
}

function bodyMessage(text: string): string {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === "object" && body !== null && "error" in body && typeof body.error === "string")
      return body.error;
  } catch {
    // not JSON: an error page of a proxy or CDN says nothing that helps
  }
  return "";
}

function header(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}
