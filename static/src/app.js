// What pages do beyond links and forms; everything works without it. No text stands here: texts come from data-
// attributes of the page, in the reader's language.
import "./js/answers.js";
import "./js/autosave.js";
import "./js/keyboard.js";
import "./js/overlays.js";
import "./js/people.js";
import "./js/scoring.js";
import "./js/scrolling.js";
import "./js/typing.js";
import { onReady } from "./js/page.js";

// A refused form: the list of what to put right comes first for everybody, once.
onReady((root) => {
  const summary = root.querySelector("[data-focus]");
  summary?.removeAttribute("data-focus");
  summary?.focus();
});
