import { HfStreamError } from "../errors.ts";
import { type Message, option, say } from "../message.ts";
import { bareAddress, redactAnswer } from "./redact.ts";
import { TransientError, UNREACHED } from "./retry.ts";

export interface NetworkErrorContext {
  readonly url: URL;
  /** What was asked for, in the user's words. */
  readonly subject: string;
  /** Which must not be repeated. */
  readonly token: string | undefined;
  /** Whether the server answered before, or one that did named it. */
  readonly isKnown: boolean;
  /** Whether the environment names proxies, and they are obeyed. */
  readonly isProxied: boolean;
}

/** A certificate that is not trusted, by OpenSSL's names for why. */
const UNTRUSTED = /CERT|CRL|^UNABLE_TO_|^HOSTNAME_MISMATCH|^INVALID_(CA|PURPOSE)|^PATH_LENGTH_EXCEEDED/;
/** What time does not mend either. */
const FINAL = /^ERR_TLS|^ERR_SSL|^EPROTO$|^UND_ERR_(INVALID|NOT_SUPPORTED)/;

/** Says that the network failed under a request, and whether that may pass. */
export function networkError(cause: unknown, context: NetworkErrorContext): HfStreamError | TransientError {
  const { url, subject, token, isKnown } = context;
  const known = plainCause(cause, token);
  const { code = "" } = known;
  const isUntrusted = UNTRUSTED.test(code);
  // What an attempt ends itself of, a server that is silent, is a plain error: such a server has been reached.
  const isUnreached = isUntrusted || (!isKnown && (code !== "" || known.name !== "Error"));
  const what = isUnreached ? `Cannot reach ${url.host} for` : `The connection to ${url.host} failed for`;
  const how = `${code || known.name}: ${plainWords(known.message)}`;
  const message = say`${what} ${subject}: ${how}.${isUnreached ? advice(isUntrusted, context) : ""}`;
  const final = new HfStreamError("HUB_UNAVAILABLE", message, { cause: known, path: subject, url: bareAddress(url) });
  if (isUntrusted || FINAL.test(code)) return final;
  return new TransientError(final, isUnreached ? { patience: UNREACHED } : {});
}

function advice(isUntrusted: boolean, { isProxied }: NetworkErrorContext): Message {
  if (isUntrusted)
    return say` If it is signed by your organization, set NODE_EXTRA_CA_CERTS to the file of its authority.`;
  const proxy = isProxied
    ? "HTTP_PROXY or HTTPS_PROXY is set: check it and NO_PROXY."
    : "Behind a proxy, set HTTPS_PROXY.";
  return say` Check the address and the network. ${proxy} A mirror is named by HF_ENDPOINT or ${option("endpoint")}.`;
}

/** What OpenSSL says, without where in its source it says so. */
function plainWords(text: string): string {
  return text
    .replace(/^[0-9A-F]+:error:[^:]*:[^:]*:[^:]*:([^:]*):.*$/s, "$1")
    .trim()
    .replace(/[.:]$/, "");
}

/** The cause without what it may hold of the conversation: parser errors, for one, keep the bytes that they failed of. */
function plainCause(cause: unknown, token: string | undefined): Error & { readonly code?: string } {
  const { name, message } = cause instanceof Error ? cause : new Error(String(cause));
  const code = cause instanceof Error && "code" in cause && typeof cause.code === "string" ? { code: cause.code } : {};
  return Object.assign(new Error(redactAnswer(message, token)), { name, ...code });
}
