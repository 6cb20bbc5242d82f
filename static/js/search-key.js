// "/" leads to the search box of the header. Only loaded for people who have not switched single keys off
// (WCAG 2.1.4); it never acts while something is being typed.

const box = document.querySelector("[data-search-key]");
const TYPING = "input, textarea, select, [contenteditable]";

// Shift is no reason to stay away: on many keyboards "/" takes it.
function isShortcut(event) {
  const isCombined = event.ctrlKey || event.metaKey || event.altKey || event.isComposing;
  return event.key === "/" && !isCombined && !event.defaultPrevented && !event.target.closest?.(TYPING);
}

document.addEventListener("keydown", (event) => {
  if (!isShortcut(event)) return;
  event.preventDefault();
  box.focus();
  box.select();
});
