// Keys: / search, ? the list of keys, g h home, g r reviews. They never act while somebody types, and not at all when
// the profile switches them off (WCAG 2.1.4). Scoring has its own in scoring.js.
import { isTyping } from "./page.js";
import { score } from "./scoring.js";

const PLACES = { h: "/", r: "/reviews/" };
const WAIT = 1200;
let goUntil = 0;

function go(key) {
  if (key === "g") {
    goUntil = Date.now() + WAIT;
    return true;
  }
  const place = Date.now() < goUntil ? PLACES[key] : undefined;
  goUntil = 0;
  if (place) location.assign(place);
  return Boolean(place);
}

function search() {
  const field = document.querySelector("[data-search]");
  if (!field) return false;
  if (field.checkVisibility?.() === false) location.assign(field.form.action);
  else field.focus();
  return true;
}

function help() {
  const list = document.querySelector("[data-shortcuts]");
  list?.showModal();
  return Boolean(list);
}

function act(event) {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (key === "/") return search();
  if (key === "?") return help();
  return go(key) || score(key);
}

addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    const form = document.querySelector("form[data-rubric]");
    form?.requestSubmit(form.querySelector(".btn.pri[type=submit]"));
    return;
  }
  if (event.altKey || event.ctrlKey || event.metaKey || event.isComposing || event.defaultPrevented) return;
  if (
    "noShortcuts" in document.body.dataset ||
    document.querySelector("dialog[open]") ||
    isTyping(event.target)
  )
    return;
  if (act(event)) event.preventDefault();
});
