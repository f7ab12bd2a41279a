/** A web address, and its query: what comes after `?` or `#` may be a signature. */
const WITH_QUERY = /(\bhttps?:\/\/[^\s?#'"`<>]*)[?#][^\s'"`<>]*/gi;
/** The name and password that a web address may begin with. */
const USER = /(\b(?:https?|ftp):\/\/)[^\s/?#'"`<>]*@/gi;
/** A token of a Hub user, or what is sent as one, wherever it stands. */
const TOKEN = /\bhf_\w{4,}|\b[Bb]earer\s+[^\s"']+/g;

/** Leaves out of a text what nobody may see: the queries and passwords of web addresses, and tokens. */
export function redact(text: string): string {
  return text.replaceAll(WITH_QUERY, "$1").replaceAll(USER, "$1").replaceAll(TOKEN, "…");
}
