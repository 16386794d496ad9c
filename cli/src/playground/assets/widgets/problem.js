// What is wrong with a value, in words for whoever typed it.

export class Problem extends Error {}

/** What is wrong with a text's length or form, if anything. */
export function checkText(text, { minLength, maxLength, pattern }) {
  const length = [...text].length;
  if (minLength !== undefined && length < minLength) throw new Problem(`At least ${minLength} characters; these are ${length}`);
  if (maxLength !== undefined && length > maxLength) throw new Problem(`At most ${maxLength} characters; these are ${length}`);
  if (pattern === undefined) return;
  let regex;
  // A pattern that is none here may be one for the model, which has the last word.
  try { regex = new RegExp(pattern, "u"); } catch { return; }
  if (!regex.test(text)) throw new Problem(`Has to match ${pattern}`);
}

/** What is wrong with a number's size, if anything. */
export function checkBounds(number, { minimum, maximum }) {
  if (minimum !== undefined && number < minimum) throw new Problem(`At least ${minimum}`);
  if (maximum !== undefined && number > maximum) throw new Problem(`At most ${maximum}`);
}
