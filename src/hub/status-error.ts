import type { IncomingHttpHeaders } from "node:http";
import { HfStreamError, type HfStreamErrorCode, type HfStreamErrorDetails } from "../errors.ts";
import { type Message, option, say } from "../message.ts";
import { header } from "./header.ts";
import { retryAfter } from "./rate-limit.ts";
import { bareAddress, redactAnswer, requestIdOf } from "./redact.ts";
import { BARE_REFUSAL, PLAIN_REFUSAL, TransientError } from "./retry.ts";

/** An answer of the Hub whose status is an error, and what was asked. */
export interface FailedAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The beginning of the body. */
  readonly text: string;
  readonly url: URL;
  /** What was asked for, in the user's words: `dataset org/name`, `org/name/file`. */
  readonly subject: string;
  /** The token that was configured, which must not be repeated. */
  readonly token: string | undefined;
  /** Whether a 404 is as good an answer as any: it is then not asked again. @default false */
  readonly mayBeMissing?: boolean | undefined;
}

const TRANSIENT = new Set([408, 425, 429, 500, 502, 503, 504]);
const DISABLED = "Access to this resource is disabled.";
const BAD_CREDENTIALS = "Invalid credentials in Authorization header";

/** The headers that name a request, the first one that is there counting. */
const REQUEST_ID_HEADERS = ["x-request-id", "x-amzn-trace-id", "x-amz-cf-id"];

/**
 * Says what an error status means, and how often it is worth asking again: a refusal once or twice, since a single one may
 * be a hiccup of a proxy; an overloaded Hub for as long as an outage may last. The order of the rules is that of
 * `huggingface_hub.utils.hf_raise_for_status`.
 */
export function statusError(answer: FailedAnswer): HfStreamError | TransientError {
  const { status, url, token } = answer;
  const waitMs = retryAfter(answer);
  const details: HfStreamErrorDetails = {
    path: answer.subject,
    url: bareAddress(url),
    status,
    requestId: requestIdIn(answer.headers, token),
    retryAfterMs: waitMs,
  };
  const words = status === 401 ? "" : redactAnswer(said(answer), token); // of a 401, "Invalid username", whether or not any was given
  const fail = (code: HfStreamErrorCode, text: string | Message): HfStreamError =>
    new HfStreamError(code, words === "" ? text : say`${text} The Hub says: ${words}`, details);
  if (TRANSIENT.has(status)) {
    const final =
      status === 429
        ? fail("RATE_LIMITED", `The Hub limits the rate of requests (429 for ${answer.subject}).${signInHint(answer)}`)
        : fail("HUB_UNAVAILABLE", `The Hub answered ${status} for ${answer.subject}.`);
    return new TransientError(final, { waitMs });
  }
  const final = fail(...meaning(answer));
  if (status === 404 && answer.mayBeMissing === true) return final;
  return new TransientError(final, { patience: isPlain(answer) ? PLAIN_REFUSAL : BARE_REFUSAL });
}

/** The server's name for the request, if it is one that may be printed. */
export function requestIdIn(headers: IncomingHttpHeaders, token: string | undefined): string | undefined {
  const name = REQUEST_ID_HEADERS.find((candidate) => headers[candidate] !== undefined);
  return name === undefined ? undefined : requestIdOf(header(headers, name), token);
}

/** Whether a refusal says why in the Hub's own words; its bare 401 hides what an anonymous client may not see. */
function isPlain(answer: FailedAnswer): boolean {
  const message = said(answer);
  return (
    answer.status === 401 ||
    header(answer.headers, "x-error-code") !== undefined ||
    message === DISABLED ||
    message.startsWith(BAD_CREDENTIALS)
  );
}

function meaning(answer: FailedAnswer): [HfStreamErrorCode, string | Message] {
  const { status, headers, subject } = answer;
  const message = said(answer);
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
    return ["UNAUTHORIZED", say`${subject}: the Hub does not accept the token. Check HF_TOKEN or ${option("token")}.`];
  if (status === 401) return ["DATASET_NOT_FOUND", missingText(answer)];
  if (status === 403) return ["UNAUTHORIZED", `${subject}: the Hub forbids it (403). Check what the token may read.`];
  if (status === 404) return ["ENTRY_NOT_FOUND", `${subject}: not found.`];
  return ["HUB_UNAVAILABLE", `The Hub answered ${status} for ${subject}.`];
}

function missingText(answer: FailedAnswer): Message {
  const access =
    answer.token !== undefined
      ? "The token may not see it, if it is private."
      : say`If it is private, set HF_TOKEN or ${option("token")}.`;
  return say`${answer.subject} does not exist on the Hub or cannot be accessed. Check the name. ${access}`;
}

function gatedText({ subject, url, token }: FailedAnswer): Message {
  return token !== undefined
    ? say`${subject} is gated, and the token's user has no access: ask for it on the dataset's page at ${url.origin}.`
    : say`${subject} is gated: ask for access on its page at ${url.origin}, then set HF_TOKEN or ${option("token")}.`;
}

function signInHint({ token }: FailedAnswer): string {
  return token !== undefined ? "" : " A token (HF_TOKEN) raises the limit.";
}

/** What the server says, as it says it. */
function said({ headers, text }: FailedAnswer): string {
  return header(headers, "x-error-message") ?? bodyMessage(text);
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
