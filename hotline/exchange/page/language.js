// In which language something is, for a voice that reads it out.

// Words of Kyrgyz without a letter of its own. Names of languages and of the hotline stand in texts of any.
const KYRGYZ = /[өүң]|(?<!\p{L})(дагы|жана|менен|эмес|болсо|керек|кирдим|аткардым|башта)(?!\p{L})/iu;

/** The language of a sound's clip, as its path says it; "" where it has none. */
export function languageOfClip(url) {
  return /\/audio\/([a-z]{2,3})\//.exec(url ?? "")?.[1] ?? "";
}

/**
 * The language of a text: more Latin letters than Cyrillic are English, a letter or word of Kyrgyz makes it that;
 * of what could be both, Kyrgyz is what the telephone last heard, else it is Russian.
 */
export function languageOfText(body, lastHeard = "") {
  const count = (letters) => (body.match(letters) ?? []).length;
  if (count(/\p{Script=Latin}/gu) >= count(/\p{Script=Cyrillic}/gu)) return "en";
  return KYRGYZ.test(body) || lastHeard === "ky" ? "ky" : "ru";
}
