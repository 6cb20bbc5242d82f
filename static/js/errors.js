// Move to what is wrong with the form that was sent: a keyboard and a screen reader go on from there.
// Not before everything is loaded: going to the #part in the address takes the focus away again.

addEventListener("load", () => document.getElementById("error-summary")?.focus());
