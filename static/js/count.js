// Counts what is typed into a field that has a limit. Without it the help text says the limit, and the server checks.

const PAUSE = 1000; // milliseconds without typing before a screen reader hears the count

function startCount(line) {
  const field = document.getElementById(line.dataset.count);
  const spoken = document.createElement("span");
  const shown = document.createElement("span");
  spoken.className = "visually-hidden";
  spoken.setAttribute("role", "status");
  shown.setAttribute("aria-hidden", "true");
  line.replaceChildren(shown, spoken);
  let timer = 0;
  function show() {
    // As the server counts: an emoji is one character, whatever it takes in memory.
    shown.textContent = line.dataset.words.replace("{n}", [...field.value].length);
  }
  field.addEventListener("input", () => {
    show();
    clearTimeout(timer);
    timer = setTimeout(() => {
      spoken.textContent = shown.textContent;
    }, PAUSE);
  });
  show();
  line.hidden = false;
}

for (const line of document.querySelectorAll("[data-count]")) startCount(line);
