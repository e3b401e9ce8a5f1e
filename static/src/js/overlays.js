// Dialogs, menus, toasts, and copying a secret.
import { onReady } from "./page.js";

const GAP = 4;

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  const dialog = opener && document.getElementById(opener.getAttribute("href").slice(1));
  if (dialog) {
    event.preventDefault();
    dialog.showModal();
    return;
  }
  const open = event.target.closest("dialog[open]");
  if (open && (event.target === open || event.target.closest("[data-close]"))) {
    event.preventDefault();
    open.close();
  }
});

// A dialog whose form was refused comes back open, at the field to put right.
onReady((root) => {
  for (const dialog of root.querySelectorAll("dialog[data-reopened]")) {
    dialog.removeAttribute("data-reopened");
    dialog.showModal();
    dialog.querySelector("[aria-invalid]")?.focus();
  }
});

// A menu stands below its button; the style sheet cannot say so in every browser yet.
document.addEventListener(
  "toggle",
  (event) => {
    const menu = event.target;
    if (!menu.matches?.(".menu[popover]") || event.newState !== "open") return;
    const button = document.querySelector(`[popovertarget="${menu.id}"]`).getBoundingClientRect();
    const fits = button.left + menu.offsetWidth + GAP < document.documentElement.clientWidth;
    const left = fits ? button.left : button.right - menu.offsetWidth;
    menu.style.inset = "auto";
    menu.style.top = `${button.bottom + GAP}px`;
    menu.style.left = `${Math.max(GAP, left)}px`;
  },
  true,
);

// The style sheet lets a toast go after six seconds; here it leaves the page, too.
document.addEventListener("animationend", (event) => {
  if (event.target.matches("[data-toast]")) event.target.remove();
});

async function copy(button) {
  const field = document.getElementById(button.dataset.copy);
  try {
    await navigator.clipboard.writeText(field.value);
  } catch {
    field.select(); // no clipboard without https
    document.execCommand("copy");
  }
  button.querySelector("span").textContent = button.dataset.copied;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (button) copy(button);
});
onReady((root) => {
  for (const button of root.querySelectorAll("[data-copy]")) button.hidden = false;
});
