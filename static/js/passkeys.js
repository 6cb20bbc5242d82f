// Passkeys: ask the browser for one, put its answer into the form, send the form. What the browser needs
// to know stands in the form (data-options) or, for signing in, comes from the form's address.
// Encoding and decoding is done by webauthn-json, which allauth ships.

const { webauthnJSON } = globalThis;

async function fetchOptions(form) {
  const response = await fetch(form.action, { headers: { Accept: "application/json" } });
  if (!response.ok) throw new Error(`${response.status}`);
  return (await response.json()).request_options;
}

async function askForPasskey(form) {
  if (form.dataset.passkey === "sign-in") return webauthnJSON.get(await fetchOptions(form));
  const options = JSON.parse(form.dataset.options);
  if (form.dataset.passkey === "use") return webauthnJSON.get(options.request_options);
  const wanted = options.creation_options;
  // A passkey names its person and has checked them, so that it needs no password beside it.
  Object.assign(wanted.publicKey.authenticatorSelection, {
    residentKey: "required",
    requireResidentKey: true,
    userVerification: "required",
  });
  return webauthnJSON.create(wanted);
}

async function send(form) {
  const failure = form.querySelector("[data-passkey-failed]");
  failure.hidden = true;
  try {
    form.elements.credential.value = JSON.stringify(await askForPasskey(form));
    form.submit();
  } catch (error) {
    // The person cancelled, waited too long, or has no passkey here; a browser does not say which.
    // It does say that a passkey cannot belong to this address: a number instead of a name.
    if (error.name === "SecurityError") failure.textContent = failure.dataset.byNumber;
    failure.hidden = false;
    failure.focus();
  }
}

function start(form) {
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(form);
  });
}

if (webauthnJSON?.supported()) {
  for (const form of document.querySelectorAll("form[data-passkey]")) start(form);
  for (const words of document.querySelectorAll("[data-without-passkeys]")) words.hidden = true;
}
