// The decision page: another file opens without leaving what is typed, and the message and its preview follow
// the checklist. Everything here is asked of the server by the same addresses and buttons as without script.

const form = () => document.getElementById("desk-form");
const parser = new DOMParser();

async function read(address, options) {
  const response = await fetch(address, options);
  const isHere = response.ok && !response.redirected;
  return isHere ? parser.parseFromString(await response.text(), "text/html") : null;
}

// --- Files as tabs -------------------------------------------------------------------------------

function takePane(page, id) {
  const fresh = page.getElementById(id);
  if (fresh) document.getElementById(id)?.replaceWith(fresh);
}

// Forms carry which files are open, and so do the links in both panes.
function rememberFiles(address) {
  const wanted = new URL(address).searchParams;
  for (const each of document.querySelectorAll("form")) {
    for (const name of ["document", "rival_document"]) {
      if (!wanted.get(name) || !each.querySelector("[name=revision], [name=checklist], [name=text]")) continue;
      let field = each.querySelector(`[name=${name}]`);
      if (!field) {
        field = Object.assign(document.createElement("input"), { type: "hidden", name });
        each.append(field);
      }
      field.value = wanted.get(name);
    }
  }
}

async function openFile(link) {
  const address = link.href;
  const page = await read(address).catch(() => null);
  if (!page?.getElementById("proof")) {
    location.assign(address);
    return;
  }
  const id = link.closest("[id=proof], [id=rival]")?.id ?? "proof";
  for (const each of ["proof", "rival"]) takePane(page, each);
  rememberFiles(address);
  history.replaceState(null, "", address);
  document.querySelector(`#${id} .file-tabs [aria-current]`)?.focus();
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-tab]");
  const isPlain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
  if (!link || !isPlain) return;
  event.preventDefault();
  openFile(link);
});

// --- The message follows the checklist -----------------------------------------------------------

const TICKS = "[name=keep], [name=facts]";
const PAUSE = 400; // milliseconds after the last change
let waiting, asked = 0, followsTicks = false;

function copyChoices(page) {
  for (const name of ["reasons", "reason"]) {
    for (const field of form().querySelectorAll(`[name=${name}]`)) {
      field.checked = page.getElementById(field.id)?.checked ?? field.checked;
    }
  }
}

function copyMessage(page, sent) {
  const field = form().querySelector("textarea[name=words], textarea[name=message]");
  const fresh = field && page.getElementById(field.id);
  if (!fresh || field.value !== sent.get(field.name)) return; // typed on in the meantime
  const draft = page.querySelector("#desk-form [name=drafted]");
  if (draft) form().querySelector("[name=drafted]").value = draft.value;
  if (field.value === fresh.value) return;
  field.value = fresh.value;
  const status = form().querySelector("[data-drafted]");
  status.textContent = "";
  requestAnimationFrame(() => (status.textContent = status.dataset.drafted));
}

function copyWarning(page) {
  const [old, fresh] = [document, page].map((each) => each.getElementById("unticked"));
  if (old && fresh) old.replaceWith(fresh);
  else if (old) old.remove();
  else if (fresh) document.querySelector("#decide > p")?.after(fresh);
}

async function draft() {
  const sent = new FormData(form());
  const isFollowing = followsTicks;
  followsTicks = false;
  sent.set("step", isFollowing ? "follow" : "preview");
  const number = ++asked;
  const page = await read(form().action, { method: "POST", body: new URLSearchParams(sent) }).catch(() => null);
  if (!page || number !== asked) {
    followsTicks ||= isFollowing;
    return;
  }
  if (isFollowing) {
    copyChoices(page);
    copyMessage(page, sent);
  }
  copyWarning(page);
  takePane(page, "preview");
}

function changed(event) {
  const drafts = form()?.hasAttribute("data-drafts") && form().contains(event.target);
  if (!drafts) return;
  followsTicks ||= event.target.matches(TICKS);
  clearTimeout(waiting);
  waiting = setTimeout(draft, PAUSE);
}

document.addEventListener("input", changed);
