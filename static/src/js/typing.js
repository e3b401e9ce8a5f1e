// Help while filling in a form: Markdown buttons, shares that must add up, files that are too large, filters.
import { element, fill, onReady } from "./page.js";

function wrap(field, before, after) {
  const { selectionStart: start, selectionEnd: end, value } = field;
  field.setRangeText(before + value.slice(start, end) + after, start, end, "end");
  if (start === end) field.setSelectionRange(start + before.length, start + before.length);
}

function startLines(field, mark) {
  const from = field.value.lastIndexOf("\n", field.selectionStart - 1) + 1;
  const lines = field.value.slice(from, field.selectionEnd).split("\n");
  field.setRangeText(lines.map((line) => mark + line).join("\n"), from, field.selectionEnd, "end");
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-md] button");
  if (!button) return;
  const field = document.getElementById(button.closest("[data-md]").dataset.md);
  const { wrap: mark, wrapEnd, line } = button.dataset;
  if (line) startLines(field, line);
  else wrap(field, mark, wrapEnd ?? mark);
  field.focus();
  field.dispatchEvent(new Event("input", { bubbles: true }));
});

/** A share in hundredths; null when it is no number with at most two decimals. */
export function hundredths(typed) {
  const match = /^(\d+)(?:\.(\d{1,2}))?$/.exec(typed.replace(/[%％,，\s]/g, ""));
  return match ? Number(match[1]) * 100 + Number((match[2] ?? "").padEnd(2, "0")) : null;
}

const shown = (amount) => (amount / 100).toFixed(2);

function addUp(form) {
  const parts = [...form.querySelectorAll("[data-part]")].map((field) => hundredths(field.value) ?? 0);
  const now = parts.reduce((sum, part) => sum + part, 0);
  const rest = hundredths(form.dataset.sum) - now;
  const sum = form.querySelector("[data-sum-now]");
  const words = form.querySelector("[data-sum-rest]");
  if (sum) sum.textContent = shown(now);
  if (!words) return;
  const { textShort, textOver, textEven } = words.dataset;
  words.textContent = fill(rest > 0 ? textShort : rest < 0 ? textOver : textEven, {
    n: shown(Math.abs(rest)),
  });
  words.classList.toggle("down", rest !== 0);
  words.classList.toggle("up", rest === 0);
}

document.addEventListener("input", (event) => {
  const form = event.target.closest?.("form[data-sum]");
  if (form) addUp(form);
});

// A word as the server counts it: a Chinese character, or a run of letters and figures.
const HAN = "\\u3400-\\u9fff\\uf900-\\ufaff";
const RUN = `(?:(?![${HAN}])[\\p{L}\\p{N}])+`;
const WORD = new RegExp(`[${HAN}]|${RUN}(?:['’.,-]${RUN})*`, "gu");

const LENGTHS = {
  words: (typed) => typed.match(WORD)?.length ?? 0,
  characters: (typed) => [...typed.trim()].length,
};

function count(place) {
  const { of, limit, count: by } = place.dataset;
  const n = LENGTHS[by](document.getElementById(of).value);
  const over = n - Number(limit);
  place.textContent = fill(over > 0 ? place.dataset.textOver : place.dataset.text, { n, over });
  place.classList.toggle("down", over > 0);
  place.classList.toggle("mut", over <= 0);
}

document.addEventListener("input", (event) => {
  const place = event.target.id && document.querySelector(`[data-of="${CSS.escape(event.target.id)}"]`);
  if (place) count(place);
});

function checkSize(input) {
  const isTooBig = [...input.files].some((file) => file.size > Number(input.dataset.maxMb) * 1024 * 1024);
  const id = `${input.id}-size`;
  document.getElementById(id)?.remove();
  input.toggleAttribute("aria-invalid", isTooBig);
  if (!isTooBig) return;
  input.before(element("span", { className: "err", id, role: "alert", textContent: input.dataset.tooBig }));
  input.value = "";
}

document.addEventListener("change", (event) => {
  if (event.target.matches?.("input[type=file][data-max-mb]")) checkSize(event.target);
  const filters = event.target.closest?.("form[data-autosubmit]");
  if (filters && event.target.matches("select, [type=radio], [type=checkbox]")) filters.requestSubmit();
});

onReady((root) => {
  for (const bar of root.querySelectorAll("[data-md]")) bar.hidden = false;
  for (const form of root.querySelectorAll("form[data-sum]")) addUp(form);
  for (const place of root.querySelectorAll("[data-count]")) count(place);
});

// Colleagues on a draft see at which question one is writing: the name of the field goes along with the next poll.
document.addEventListener("focusin", (event) => {
  const place = document.getElementById("writing-at");
  if (place) place.value = event.target.closest("form[data-autosave]") ? (event.target.name ?? "") : "";
});
