// Ask the browser for a passkey, put its answer into the form, and send the form.
"use strict";
const form = document.querySelector("form[data-passkey]");
const usable =
  window.PublicKeyCredential && PublicKeyCredential.parseCreationOptionsFromJSON;
if (form && usable) {
  form.hidden = false;
  document.querySelector("[data-without]").hidden = true;
  form.addEventListener("submit", async (event) => {
    if (form.elements.answer.value) return;
    event.preventDefault();
    const asked = JSON.parse(form.dataset.options);
    try {
      const found =
        form.dataset.passkey === "create"
          ? await navigator.credentials.create({
              publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(asked),
            })
          : await navigator.credentials.get({
              publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(asked),
            });
      form.elements.answer.value = JSON.stringify(found.toJSON());
      form.requestSubmit();
    } catch (error) {
      document.querySelector("[data-failed]").hidden = false;
    }
  });
}
