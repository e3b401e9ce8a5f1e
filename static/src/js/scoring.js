// The scoring form: j and k move between criteria and the questions after them, 1…n score or answer and move on, n opens
// the note; the total follows. The server works the total out again; this one is only shown.
import { fill, onReady } from "./page.js";

const rubric = () => document.querySelector("form[data-rubric]");
const criteria = (form) => [...form.querySelectorAll("fieldset[data-crit]")];

const groups = (form) => [...form.querySelectorAll("fieldset[data-crit], fieldset:has(> .opts)")];

function focusOn(group) {
  (group.querySelector(":checked") ?? group.querySelector("input")).focus();
}

/** The radio button that a digit means: the score, or the answer in that place. */
function choiceOf(group, key) {
  if (!/^[0-9]$/.test(key)) return null;
  if (group.matches("[data-crit]")) return group.querySelector(`.scale input[value="${key}"]`);
  return group.querySelectorAll(".opts input")[Number(key) - 1];
}

/** Act on a key of the scoring form; true when it was one. */
export function score(key) {
  const form = rubric();
  if (!form) return false;
  const all = groups(form);
  const at = all.indexOf(document.activeElement?.closest("fieldset"));
  if (key === "j" || key === "k") {
    focusOn(all[Math.min(all.length - 1, Math.max(0, at + (key === "j" ? 1 : -1)))]);
    return true;
  }
  const now = all[Math.max(at, 0)];
  if (key === "n") {
    all
      .slice(0, all.indexOf(now) + 1)
      .findLast((group) => group.querySelector("textarea"))
      ?.querySelector("textarea")
      .focus();
    return true;
  }
  const choice = choiceOf(now, key);
  if (!choice) return false;
  choice.checked = true;
  choice.dispatchEvent(new Event("change", { bubbles: true }));
  focusOn(all[all.indexOf(now) + 1] ?? now);
  return true;
}

/** Weighted mean with two decimals, half to even, from whole numbers. */
export function mean(pairs) {
  const weight = pairs.reduce((sum, [, w]) => sum + w, 0);
  const hundredths = pairs.reduce((sum, [value, w]) => sum + value * w, 0) * 100;
  let whole = Math.floor(hundredths / weight);
  const twice = 2 * (hundredths - whole * weight);
  if (twice > weight || (twice === weight && whole % 2 === 1)) whole += 1;
  return (whole / 100).toFixed(2);
}

function total(form) {
  const all = criteria(form);
  const scored = all.filter((set) => set.querySelector(".scale :checked"));
  const pairs = scored.map((set) => [
    set.dataset.flip
      ? +set.dataset.flip - +set.querySelector(".scale :checked").value
      : +set.querySelector(".scale :checked").value,
    +(set.dataset.weight ?? 1),
  ]);
  document.querySelectorAll("[data-total]").forEach((place) => {
    place.firstChild.textContent = pairs.length ? mean(pairs) : "–";
  });
  document.querySelectorAll("[data-scored]").forEach((place) => {
    place.textContent = fill(place.dataset.text, { done: scored.length, all: all.length });
  });
}

document.addEventListener("change", (event) => {
  const form = event.target.closest?.("form[data-rubric]");
  if (form) total(form);
});
onReady(() => {
  const form = rubric();
  if (form) total(form);
});
