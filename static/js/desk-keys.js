// Single keys on the decision page. Only loaded for people who have not switched them off (WCAG 2.1.4); they
// never act while something is being typed or chosen, nor together with another key.

const TYPING = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]";
const dialog = document.getElementById("keys");
const help = document.querySelector('[data-key="?"]');

// Shift is no reason to stay away: "?" takes it, and so do capital letters.
function isFree(event) {
  const isCombined = event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat;
  return !isCombined && !event.defaultPrevented && !dialog.open && !event.target.closest?.(TYPING);
}

function write() {
  const field = document.getElementById("comment-text");
  field?.focus();
  return field;
}

function press(key) {
  const control = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  control?.click();
  return control;
}

document.addEventListener("keydown", (event) => {
  if (!event.key || !isFree(event)) return;
  const key = event.key.toLowerCase();
  const acted = key === "c" ? write() : press(key);
  if (acted) event.preventDefault();
});

help.hidden = false;
help.addEventListener("click", () => dialog.showModal());
