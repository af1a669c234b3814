// "Near me": only who asks for it tells where they are, and only to their own commune.
(() => {
  const button = document.querySelector("[data-near-me]");
  if (!button || !navigator.geolocation) return;
  button.parentElement.hidden = false;
  button.addEventListener("click", () => {
    button.disabled = true;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        const query = new URLSearchParams(new FormData(button.form));
        query.delete("near");
        query.set("lat", coords.latitude.toFixed(4));
        query.set("lon", coords.longitude.toFixed(4));
        location.search = query;
      },
      () => {
        button.disabled = false;
        button.form.querySelector("#near").focus();
      },
      { maximumAge: 300000, timeout: 10000 },
    );
  });
})();
