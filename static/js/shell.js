// The frame of every signed-in page: theme, menus, copy buttons, where the focus goes after an error.

const THEME = "cpor-theme";
const system = matchMedia("(prefers-color-scheme: dark)");

function readTheme() {
  try {
    return localStorage.getItem(THEME) ?? "auto";
  } catch {
    return "auto";
  }
}

function applyTheme(choice) {
  const isDark = choice === "dark" || (choice === "auto" && system.matches);
  document.documentElement.dataset.bsTheme = isDark ? "dark" : "light";
  for (const button of document.querySelectorAll("[data-theme-choice]")) {
    button.setAttribute("aria-pressed", String(button.dataset.themeChoice === choice));
  }
}

function keepTheme(choice) {
  try {
    localStorage.setItem(THEME, choice);
  } catch {
    // Without storage the choice lasts as long as the page.
  }
  applyTheme(choice);
}

function startTheme() {
  for (const group of document.querySelectorAll(".theme-switch")) group.hidden = false;
  for (const button of document.querySelectorAll("[data-theme-choice]")) {
    button.addEventListener("click", () => keepTheme(button.dataset.themeChoice));
  }
  system.addEventListener("change", () => applyTheme(readTheme()));
  applyTheme(readTheme());
}

function closeMenus(except) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (menu !== except) menu.open = false;
  }
}

function startMenus() {
  document.addEventListener("click", (event) => closeMenus(event.target.closest("details.menu")));
  document.addEventListener("keydown", (event) => {
    const menu = document.querySelector("details.menu[open]");
    if (event.key !== "Escape" || !menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
}

// navigator.clipboard is missing on plain http addresses, which an intranet may well use.
async function copyText(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const field = document.createElement("textarea");
  field.value = text;
  document.body.append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
}

async function copyFrom(button) {
  await copyText(button.dataset.copy);
  button.dataset.done = "";
  const announcer = document.getElementById("announcer");
  announcer.textContent = announcer.dataset.copied;
  setTimeout(() => {
    delete button.dataset.done;
    announcer.textContent = "";
  }, 2000);
}

function startCopyButtons() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest(".copy-button[data-copy]");
    if (button) copyFrom(button);
  });
}

startTheme();
startMenus();
startCopyButtons();
